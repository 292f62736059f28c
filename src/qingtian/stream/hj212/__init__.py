"""HJ 212 污染物在线监控（监测）系统数据传输标准: the codec, sans-I/O. Bytes in, frames, segments, columns, replies out.

Two faces of one set of rules: plain Python, clear and exact (`frames`, `segment`, `replies`, `commands`, `factors`),
and Numba kernels over whole buffers (`kernels`). Property tests hold them to the same answers. Import the module you
need: the first never loads Numba.
"""
