"""What can be the id of a model on the Hub, and what is a path, a URL, a list in one text or nothing at all."""

from __future__ import annotations

import polars as pl

REPOSITORY_ID = r"^[\w.\-]+(?:/[\w.\-]+)?$"
"""An owner and a name, or a bare name as the Hub's oldest models have; letters, digits, `_`, `-` and `.`."""

LOCAL_PATH = r"^(?:[/~]|\.{1,2}(?:/|$)|[A-Za-z]:[\\/])|\\|/.*/|/$"
"""Rooted, relative to the current folder, of Windows, or with more folders than an id has."""

URL = r"://|^(?:www\.|hf\.co/|huggingface\.co/|[\w.\-]+\.(?:com|co|cn|org|net|io|ai|dev)/.+/)|^\[.*\]\(.*\)$"
"""With a scheme, an address without one, or a link of Markdown."""

LIST_SEPARATOR = r"[,;|&+\n]|\sand\s"

BRACKETS = r"^\s*[\[({]|[\])}]\s*$"

AROUND_AN_ITEM = " \t\r\n\"'`*-"
"""Quotes, blanks and bullets around one id of a list."""

NOTHING = ("", "none", "null", "undefined", "n/a", "unknown", "-")
"""What people and programs write where there is no parent, in lower case."""


FOLDERS = (
    r"^(?:out|outputs?|results?|checkpoints?|ckpts|runs?|logs?|models?|tmp|temp|data|content|workspace|weights"
    r"|(?:saved|trained|final|finetuned|fine-tuned|fine_tuned|merged|local)[-_]?models?)$"
)
"""Names of folders that training scripts write to, in lower case; they are hardly anyone's name on the Hub."""

CHECKPOINT = (
    r"^(?:(?:checkpoint|ckpt|epoch|(?:global[-_]?)?step|iter)s?[-_]?\d+|(?:checkpoint[-_])?(?:last|best|final|latest)"
    r"(?:[-_](?:checkpoint|ckpt|model|adapter|merged))?|(?:final|merged|adapter|output)[-_]?model)$"
)
"""Names that training scripts give to what they save, in lower case."""


def why_no_id(written: str) -> pl.Expr:
    """Why a text in the column `written` is no id of a model; null where it can be one.

    One of `empty`, `url`, `list_in_text`, `local_path`, `not_an_id`, as `lineage_rejected` lists them.
    """
    text = pl.col(written)
    return (
        pl.when(text.str.to_lowercase().is_in(NOTHING))
        .then(pl.lit("empty"))
        .when(text.str.to_lowercase().str.contains(URL))
        .then(pl.lit("url"))
        .when(ids_in_text(written).is_not_null())
        .then(pl.lit("list_in_text"))
        .when(text.str.contains(LOCAL_PATH))
        .then(pl.lit("local_path"))
        .when(~text.str.contains(REPOSITORY_ID))
        .then(pl.lit("not_an_id"))
    )


def ids_in_text(written: str) -> pl.Expr:
    """The ids that a text in the column `written` lists (`a/b, c/d`; `['a/b']`); null where it is no list of ids.

    Between blanks alone only ids with an owner make a list: else it is a sentence.
    """
    text = pl.col(written)
    is_list = text.str.contains(LIST_SEPARATOR) | text.str.contains(BRACKETS)
    inside = text.str.replace_all(BRACKETS, "")
    listed = _items(inside.str.replace_all(LIST_SEPARATOR, "\n").str.split("\n"))
    separate = _items(inside.str.replace_all(r"\s+", "\n").str.split("\n"))
    is_id = pl.element().str.contains(REPOSITORY_ID) & ~pl.element().str.contains(LOCAL_PATH)
    with_owner = is_id & pl.element().str.contains("/", literal=True)
    return (
        pl.when(text.str.contains(REPOSITORY_ID))
        .then(None)
        .when(is_list & (listed.list.len() > 0) & listed.list.eval(is_id).list.all())
        .then(listed)
        .when((separate.list.len() > 1) & separate.list.eval(with_owner).list.all())
        .then(separate)
    )


def _items(texts: pl.Expr) -> pl.Expr:
    item = pl.element().str.strip_chars(AROUND_AN_ITEM)
    return texts.list.eval(item.filter(item != "")).list.unique(maintain_order=True)


def looks_like_a_folder(written: str) -> pl.Expr:
    """Whether an id in the column `written` begins like a folder that training scripts write to, or is such a name."""
    return pl.col(written).str.to_lowercase().str.split("/").list.first().str.contains(FOLDERS)


def looks_like_a_checkpoint(written: str) -> pl.Expr:
    """Whether an id in the column `written` ends like what training scripts save."""
    return pl.col(written).str.to_lowercase().str.split("/").list.last().str.contains(CHECKPOINT)
