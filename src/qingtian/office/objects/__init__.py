"""The object store (对象存储): files kept once under the digest of their bytes, in a folder or a bucket."""
