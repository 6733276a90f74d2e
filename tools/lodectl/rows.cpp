#include "lodectl/rows.h"

#include <simdjson.h>

#include <iostream>

#include "lodectl/http_client.h"
#include "lodectl/table.h"

namespace lode::lodectl {
namespace {

void print_ndjson(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  if (parser.parse(body.data(), body.size())["rows"].get(rows))
    throw Failed("the server's answer has no rows");
  for (simdjson::dom::element row : rows) std::cout << simdjson::minify(row) << "\n";
}

}  // namespace

void print_page(const std::string& format, const std::string& body, bool first) {
  if (format == "json") {
    std::cout << body << (body.ends_with('\n') ? "" : "\n");
  } else if (format == "ndjson") {
    print_ndjson(body);
  } else if (format == "csv") {
    print_csv(table_of(body), first, std::cout);
  } else {
    Table table = table_of(body);
    if (table.rows.empty() && first) {
      std::cerr << "no rows\n";
    } else {
      print_table(table, std::cout);
    }
  }
}

int print_pages(const Context& context, const RowsRequest& request, const PageSource& page) {
  const std::string format = context.json ? "json" : request.format;
  std::string cursor = request.cursor;
  for (bool first = true;; first = false) {
    const std::string body = page(cursor);
    print_page(format, body, first);
    cursor = member_text(body, "next_cursor");
    if (cursor.empty()) return kDone;
    if (!request.all) {
      if (format != "json") std::cerr << "there is more: --all, or --cursor " << cursor << "\n";
      return kDone;
    }
  }
}

int print_rows(const Context& context, const RowsRequest& request) {
  HttpClient client(context.url);
  return print_pages(context, request, [&](const std::string& cursor) {
    Parameters parameters = request.parameters;
    parameters.emplace_back("cursor", cursor);
    HttpAnswer answer = client.get(target_of(request.path, parameters, request.filters));
    require_success(answer);
    return std::move(answer.body);
  });
}

}  // namespace lode::lodectl
