// Reads that answer rows: fetches page after page and prints them in the form the user asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "lodectl/answer.h"
#include "lodectl/command.h"

namespace lode::lodectl {

struct RowsRequest {
  std::string path;
  Parameters parameters, filters;
  std::string cursor;
  std::string format = "table";  // table, csv, json, ndjson; --json makes it json
  bool all = false;              // follow next_cursor to the end
};

// The answer `{"meta":…,"rows":[…],"next_cursor":…}` behind that cursor; "" is the first page.
using PageSource = std::function<std::string(const std::string& cursor)>;

// Prints page after page on standard output; answers the exit code.
int print_pages(const Context& context, const RowsRequest& request, const PageSource& page);
// The same of a server's rows.
int print_rows(const Context& context, const RowsRequest& request);

// Prints one answer `{"meta":…,"rows":[…]}` in that form; a header only with the first.
void print_page(const std::string& format, const std::string& body, bool first);

}  // namespace lode::lodectl
