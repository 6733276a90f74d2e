// Any bytes as a cursor and as a filter; and any bytes as the key a cursor is made of, which come back.
#include <cstdint>
#include <string>
#include <variant>

#include "event_invariants.h"
#include "query/filters.h"
#include "query/page.h"

namespace {
using lode::query::Form;
constexpr Form kForms[] = {Form::text,     Form::day,    Form::time, Form::offset, Form::country,
                           Form::currency, Form::status, Form::kind, Form::rule,   Form::event_type};
}  // namespace

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
  for (Form form : kForms) {
    auto filter = query::parse_filter(form, "f", text);
    if (const auto* failure = std::get_if<query::Failure>(&filter)) {
      require(failure->status == 400 && !failure->problem.detail.empty(),
              "a bad filter is refused with a sentence");
    } else {
      const auto& good = std::get<query::Filter>(filter);
      require(good.any_of.empty() == (good.from || good.to), "a filter is a list or a range");
    }
  }
  return 0;
}
