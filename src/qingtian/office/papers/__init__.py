"""Papers 文书: a typst template and data become a PDF with the packaged Chinese font; charts are drawn in it."""
