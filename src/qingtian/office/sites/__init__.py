"""Enterprises, outlets, devices, limits in force (企业与点位); the plan; device states; dead letters."""
