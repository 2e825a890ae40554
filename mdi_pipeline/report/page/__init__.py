"""The report as one self-contained HTML page: `page` fills the template `page.html` and its style `page.css`."""
