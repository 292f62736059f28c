"""The machine of legal matters 事项: a kind is a folder of data, and an act turns one state into the next."""
