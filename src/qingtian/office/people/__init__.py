"""Users, roles, districts, grids (人员与辖区): who may see what, who may log in."""
