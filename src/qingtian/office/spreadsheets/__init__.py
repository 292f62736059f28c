"""Excel workbooks 电子表格: forms given out to be filled in, and read back as people see them."""
