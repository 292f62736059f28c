"""Matters (事项): every kind of legal matter in one set of tables; kinds are data, acts leave a trace."""
