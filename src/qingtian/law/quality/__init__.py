"""Quality control of automatic monitors (质控): what a check says, when it is due, what a failed one undoes. Pure."""
