"""Case files 案卷: what lies in the file of a matter, in which order, on which page; bound, and filed away."""
