"""Kinds of legal matter 事项: one folder of data each, found at start by `qingtian.law.machine.shelf`."""
