// Any bytes as a cursor and as a filter; and any bytes as the key a cursor is made of, which come back.
#include <cstdint>
#include <string>
#include <variant>

#include "event_invariants.h"
#include "query/page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode;
  using fuzz::require;
  constexpr uint64_t kQuery = 0x0123456789abcdef;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto decoded = query::decode_cursor(text, kQuery);
  if (const auto* failure = std::get_if<query::Failure>(&decoded))
    require(failure->status == 400 && failure->problem.code == "invalid_cursor", "a bad cursor is refused");
  else
    require(query::encode_cursor(kQuery, std::get<std::string>(decoded)) == text, "a cursor has one text");

  if (size <= 1024) {
    const std::string cursor = query::encode_cursor(kQuery, text);
    auto back = query::decode_cursor(cursor, kQuery);
    require(std::holds_alternative<std::string>(back) && std::get<std::string>(back) == text,
            "the key comes back");
    require(std::holds_alternative<query::Failure>(query::decode_cursor(cursor, kQuery + 1)),
            "a cursor belongs to its query");
  }
  const query::Filter filter = query::parse_filter(text);
  require(
      !filter.any_of.empty() || filter.from || filter.to || text.find("..") != std::string::npos || size == 0,
      "a filter is a list or a range");
  return 0;
}
