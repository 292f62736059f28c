"""The pages of matters 事项: the page of one and everything done on it, lists, papers, opening."""
