#!/usr/bin/env python3
"""Writes the ISO 3166-1 and 4217 tables as C++ initializers, from the JSON files of Debian's iso-codes.

Usage: iso_tables.py FOLDER_OF_JSON OUTPUT
"""
import json
import os
import sys
import unicodedata


def read(folder, standard):
    with open(os.path.join(folder, f"iso_{standard}.json"), encoding="utf-8") as file:
        return json.load(file)[standard]


def lower(name):
    """ASCII letters only, as the look-up does it."""
    return "".join(c.lower() if c.isascii() else c for c in name)


def without_accents(name):
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def names_of(country):
    """Every name that the standard knows a country by, with and without accents."""
    names = {country[key] for key in ("name", "common_name", "official_name") if key in country}
    names |= {name.removeprefix("the ") for name in names}
    names |= {name.replace("\u2019", "'") for name in names}
    return sorted({lower(form) for name in names for form in (name, without_accents(name))})


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def main(folder, output):
    countries = sorted(read(folder, "3166-1"), key=lambda country: country["alpha_2"])
    currencies = sorted(currency["alpha_3"] for currency in read(folder, "4217"))
    with open(output, "w", encoding="utf-8") as file:
        file.write("// Made by the build from iso-codes.\n#pragma once\n\nnamespace lode::silver {\n\n")
        file.write("struct CountryCode { const char *alpha_2, *alpha_3; };\n")
        file.write("constexpr CountryCode kCountryCodes[] = {\n")
        for country in countries:
            file.write(f'    {{"{country["alpha_2"]}", "{country["alpha_3"]}"}},\n')
        file.write("};\n\nstruct CountryName { const char *name, *alpha_2; };\nconstexpr CountryName kCountryNames[] = {\n")
        for country in countries:
            for name in names_of(country):
                file.write(f'    {{{quoted(name)}, "{country["alpha_2"]}"}},\n')
        file.write("};\n\nconstexpr const char* kCurrencyCodes[] = {\n")
        for currency in currencies:
            file.write(f'    "{currency}",\n')
        file.write("};\n\n}  // namespace lode::silver\n")


main(*sys.argv[1:])
