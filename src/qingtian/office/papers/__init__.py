"""Papers 文书: frozen content and a Word template become a Word file, and that a PDF; any typst template a PDF."""
