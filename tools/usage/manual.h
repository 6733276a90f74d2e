// Manual pages (man(7)) of a program, from its parser's own help texts. Pure.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lode::usage {

// In man(7)'s language; a text keeps its words, whatever is in them.
std::string roff(const std::string& text);

struct Page {
  std::string name, section;  // "lodectl", "1"
  std::string summary;        // one line
  struct Part {
    std::string title;  // "ENVIRONMENT"
    // A term and what it means, in this order.
    std::vector<std::pair<std::string, std::string>> entries;
  };
  std::vector<Part> parts;
  std::string see_also;  // "loded(8)"
};

void write_head(const Page& page, const std::string& version, std::ostream& out);
void write_parts(const Page& page, std::ostream& out);
// The whole page of a program.
void write_manual(const CLI::App& app, const Page& page, const std::string& version, std::ostream& out);

}  // namespace lode::usage
