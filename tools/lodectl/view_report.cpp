#include "lodectl/view_report.h"

#include <simdjson.h>

#include <ostream>
#include <string>

#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

std::string joined(simdjson::dom::array names) {
  std::string out;
  for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

void print_names(const char* what, simdjson::dom::array names, std::ostream& out) {
  if (names.size() > 0) out << "  " << what << ": " << joined(names) << "\n";
}

void print_view(simdjson::dom::object view, std::ostream& out) {
  const std::string_view name = view["name"], change = view["change"];
  out << name << ": " << change;
  if (change == "described") out << " otherwise; its rows are the same";
  if (change == "changed")
    out << (bool(view["additive"]) ? ", additive: old queries are answered as before" : "");
  out << "\n";
  const simdjson::dom::object keys = view["keys"], measures = view["measures"];
  print_names("new keys", keys["added"], out);
  print_names("keys that go", keys["removed"], out);
  print_names("new measures", measures["added"], out);
  print_names("measures that go", measures["removed"], out);
  for (simdjson::dom::object one : simdjson::dom::array(measures["changed"])) {
    const std::string_view was = one["was"], is = one["is"];
    out << "  was " << was << "\n  is  " << is << "\n";
  }
  if (change != "changed") return;
  for (const std::string_view why : simdjson::dom::array(view["breaks"]))
    out << "  not additive: " << why << "\n";
}

}  // namespace

void print_view_report(std::string_view answer, std::ostream& out) {
  simdjson::dom::parser parser;
  simdjson::dom::object root, build;
  if (parser.parse(answer.data(), answer.size()).get(root) || root["build"].get(build))
    throw Failed("the server's answer is no report; is it a loded of this version?");
  for (simdjson::dom::object view : simdjson::dom::array(root["views"])) print_view(view, out);
  if (!bool(build["needed"])) {
    out << "nothing has to be built\n";
    return;
  }
  const std::string_view why_not = build["why_not"];
  if (!bool(build["possible"]))
    out << "it can't be built: " << why_not << "\n";
  else
    out << "silver and all views are built from the log beside those that serve: "
        << uint64_t(build["records"]) << " records, from offset 0\n";
}

}  // namespace lode::lodectl
