#include "usage/manual.h"

#include <CLI/CLI.hpp>

#include "usage/words.h"

namespace lode::usage {

namespace {

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

void write_term(const std::string& term, const std::string& text, std::ostream& out) {
  out << ".TP\n" << term << "\n" << roff(text.empty() ? "-" : text) << "\n";
}

void write_flag(const Flag& flag, std::ostream& out) {
  std::string term, text = flag.text;
  for (const std::string& name : flag.names) term += (term.empty() ? "" : ", ") + bold("--" + name);
  if (!flag.takes.empty()) term += " " + italic(flag.takes);
  std::string values;
  for (const std::string& value : flag.values) values += (values.empty() ? "" : ", ") + value;
  if (!values.empty()) text += " (one of: " + values + ")";
  if (!flag.default_text.empty()) text += " [default: " + flag.default_text + "]";
  if (flag.required) text += " (required)";
  write_term(term, text, out);
}

// Examples keep their lines.
void write_footer(const std::string& footer, std::ostream& out) {
  const size_t from = footer.find_first_not_of('\n');
  if (from != std::string::npos) out << ".PP\n.nf\n" << roff(footer.substr(from)) << "\n.fi\n";
}

std::string usage_of(const std::string& program, const Command& command) {
  std::string out = bold(command.path.empty() ? program : program + " " + command.joined());
  if (!command.flags.empty()) out += " [" + italic("options") + "]";
  for (const Place& place : command.places) {
    const std::string name = italic(place.name);
    out += place.required ? " " + name : " [" + name + "]";
  }
  return command.commands.empty() ? out : out + " " + italic("command");
}

void write_command(const std::string& program, const Command& command, std::ostream& out) {
  out << ".SS " << roff(program + " " + command.joined()) << "\n"
      << roff(command.text) << "\n.PP\n"
      << usage_of(program, command) << "\n";
  for (const Place& place : command.places) write_term(italic(place.name), place.text, out);
  for (const Flag& flag : command.flags)
    if (flag.names.front() != "help") write_flag(flag, out);
  write_footer(command.footer, out);
}

}  // namespace

std::string roff(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '`') {
      out += "\\(ga";
    } else {
      out += c;
    }
  }
  return out;
}

void write_head(const Page& page, const std::string& version, std::ostream& out) {
  std::string title = page.name;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  out << ".\\\" Made by the build, from the program's own help.\n.TH " << roff(title) << " " << page.section
      << " \"\" \"lode " << version << "\" \"Lode\"\n.SH NAME\n"
      << roff(page.name) << " \\- " << roff(page.summary) << "\n";
}

void write_parts(const Page& page, std::ostream& out) {
  for (const Page::Part& part : page.parts) {
    out << ".SH " << part.title << "\n";
    for (const auto& [term, text] : part.entries) write_term(bold(term), text, out);
  }
  out << ".SH SEE ALSO\n" << roff(page.see_also) << "\n";
}

void write_manual(const CLI::App& app, const Page& page, const std::string& version, std::ostream& out) {
  const auto all = commands_of(app);
  write_head(page, version, out);
  out << ".SH SYNOPSIS\n";
  for (const Command& command : all)
    if (command.commands.empty() || command.path.empty()) out << usage_of(page.name, command) << "\n.br\n";
  out << ".SH DESCRIPTION\n" << roff(all.front().text) << "\n.SH OPTIONS\n";
  for (const Flag& flag : all.front().flags) write_flag(flag, out);
  out << ".SH EXIT STATUS AND EXAMPLES\n";
  write_footer(all.front().footer, out);
  if (all.size() > 1) out << ".SH COMMANDS\n";
  for (const Command& command : all)
    if (!command.path.empty()) write_command(page.name, command, out);
  write_parts(page, out);
}

}  // namespace lode::usage
