"""Keep i18n/ complete: the .pot with all terms of the add-on, zh_CN.po with a translation of each.

  translations.py pot    EXPORTED.pot I18N_FOLDER    take over a fresh export
  translations.py merge  EXPORTED.pot I18N_FOLDER    bring its terms into zh_CN.po; new ones are empty
"""
import sys
from pathlib import Path

import polib

ADDON = "sales_mgmt_addon"
LANGUAGE = "zh_CN"


def pot_file(folder):
    return Path(folder, f"{ADDON}.pot")


def po_file(folder):
    return Path(folder, f"{LANGUAGE}.po")


def terms(catalogue):
    """Return what a catalogue asks to be translated, and where it is used, in an order of no importance."""
    return {(entry.msgctxt, entry.msgid, entry.comment, tuple(sorted(entry.occurrences)))
            for entry in catalogue if not entry.obsolete}


def read(path):
    return polib.pofile(str(path), wrapwidth=78)


def take_over(exported, folder):
    """Replace the .pot by a fresh export, unless only the dates in its heading differ."""
    target = pot_file(folder)
    fresh = read(exported)
    if target.exists() and terms(read(target)) == terms(fresh):
        return f"{target} is up to date"
    target.parent.mkdir(exist_ok=True)
    fresh.save(str(target))
    return f"{target}: {len(fresh)} terms"


def merge(exported, folder):
    """Bring the terms of a fresh export into the translation: new ones empty, unused ones gone."""
    target = po_file(folder)
    fresh = read(exported)
    if target.exists():
        translation = read(target)
    else:
        translation = polib.POFile(wrapwidth=78)
        translation.header = f"{LANGUAGE} translation of {ADDON}"
        translation.metadata = {**fresh.metadata, "Language": LANGUAGE, "Plural-Forms": "nplurals=1; plural=0;"}
    before = terms(translation)
    translation.merge(fresh)
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.sort(key=lambda entry: entry.msgid)
    if not target.exists() or terms(translation) != before:
        translation.save(str(target))
    return f"{target}: {len(untranslated(translation))} of {len(translation)} terms to be translated"


def untranslated(translation):
    """Return the terms that have no translation yet or one that only resembles an older term."""
    return [entry for entry in translation if not entry.obsolete and ("fuzzy" in entry.flags or not entry.msgstr)]


if __name__ == "__main__":
    print({"pot": take_over, "merge": merge}[sys.argv[1]](*sys.argv[2:]))
