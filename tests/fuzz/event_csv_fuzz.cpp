#include <cstdint>

#include "event/csv_orders.h"
#include "event_invariants.h"

namespace {

constexpr char kMapping[] = R"(
group_by = "o"
event_id = "f/{o}"
[time]
format = "%Y-%m-%d"
[columns]
order_id = "o"
occurred_at = "t"
"customer.id" = "c"
"customer.email" = "m"
"lines.sku" = "s"
"lines.quantity" = "q"
"lines.unit_price" = "p"
[constants]
currency = "EUR"
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lode::event;
  static const Mapping mapping = parse_mapping(kMapping, "fuzz.toml");
  auto body = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  JsonDecoder decoder;
  EventBatch batch;
  decode_csv(body, mapping, decoder, batch);
  lode::fuzz::check_batch(batch);

  // A file that streams in, in pieces, is the same file.
  CsvOrders whole(mapping), pieces(mapping);
  whole.feed(*body);
  whole.finish();
  for (size_t i = 0; i < size; i += 7) pieces.feed(std::string_view(*body).substr(i, 7));
  pieces.finish();
  lode::fuzz::require(whole.size() == pieces.size() && whole.rows() == pieces.rows(),
                      "pieces make the same rows");
  for (size_t i = 0; i < whole.size(); ++i) {
    lode::fuzz::require(whole.json(i) == pieces.json(i), "pieces make the same events");
  }
  return 0;
}
