#include "generate/purchase_stream.h"

#include <cstring>
#include <vector>

#include "generate/catalogue.h"
#include "generate/random.h"
#include "schema/event_generated.h"

namespace lode::generate {
namespace {

constexpr size_t kDescriptionBytes = 20;

template <size_t N>
struct Text {
  char bytes[N];
  std::string_view view() const { return {bytes, N}; }
};

template <size_t N>
void put_digits(Text<N>& text, size_t at, size_t width, uint64_t value) {
  for (size_t i = width; i-- > 0; value /= 10) text.bytes[at + i] = static_cast<char>('0' + value % 10);
}

template <size_t N>
void put_hex(Text<N>& text, size_t at, size_t width, uint64_t value) {
  for (size_t i = width; i-- > 0; value >>= 4) text.bytes[at + i] = "0123456789abcdef"[value & 15];
}

template <size_t N>
Text<N> text_of(const char (&literal)[N + 1]) {
  Text<N> out;
  std::memcpy(out.bytes, literal, N);
  return out;
}

struct Item {
  Text<5> price;
  int64_t price_micros;
  Text<kDescriptionBytes> description;
};

}  // namespace

// Every field that changes, in its fixed width.
struct PurchaseStream::Fields {
  std::vector<Item> items;
  std::vector<const Country*> homes;
  Text<36> event_id = text_of<36>("00000000-0000-4000-8000-000000000000");
  Text<16> order_id = text_of<16>("L000000000000000");
  Text<20> time = text_of<20>("2024-01-01T00:00:00Z");
  int64_t time_micros = 0;
  int64_t day_of_text = INT64_MIN;
  Text<8> customer = text_of<8>("L0000000");
  Text<6> sku = text_of<6>("P00000");
  const Country* country = nullptr;
  const Item* item = nullptr;
  int32_t quantity = 1;
};

// The prepared text, and where its fields are.
struct PurchaseStream::Json {
  std::string text;
  size_t event_id, time, order_id, currency, customer, country, sku, description, quantity, price;

  size_t add(std::string_view before, size_t width) {
    text += before;
    size_t at = text.size();
    text.append(width, ' ');
    return at;
  }
  void put(size_t at, std::string_view value) { std::memcpy(text.data() + at, value.data(), value.size()); }

  Json() {
    event_id = add(R"({"event_id":")", 36);
    time = add(R"(","type":"purchase","occurred_at":")", 20);
    order_id = add(R"(","source":"web","order_id":")", 16);
    currency = add(R"(","currency":")", 3);
    customer = add(R"(","customer":{"id":")", 8);
    country = add(R"(","country":")", 2);
    sku = add(R"("},"lines":[{"sku":")", 6);
    description = add(R"(","description":")", kDescriptionBytes);
    quantity = add(R"(","quantity":)", 1);
    price = add(R"(,"unit_price":")", 5);
    text += R"("}]})";
  }
};

struct PurchaseStream::FlatBuffer {
  flatbuffers::FlatBufferBuilder builder;
  char *event_id, *order_id, *currency, *customer, *country, *sku, *description;
  uint8_t *time, *quantity, *price;

  static char* text_at(const flatbuffers::String* text) { return const_cast<char*>(text->c_str()); }
  static uint8_t* scalar_at(const void* table, flatbuffers::voffset_t field) {
    auto* plain = static_cast<const flatbuffers::Table*>(table);
    return const_cast<uint8_t*>(plain->GetAddressOf(field));
  }
  auto blank(size_t bytes) { return builder.CreateString(std::string(bytes, ' ')); }

  FlatBuffer() {
    auto line_sku = blank(6), line_description = blank(kDescriptionBytes);
    auto line = fb::CreateLine(builder, line_sku, line_description, 0, 99, 99);
    auto lines = builder.CreateVector(&line, 1);
    auto id = blank(36), source = builder.CreateString("web"), order = blank(16), money = blank(3);
    auto buyer = blank(8), home = blank(2);
    fb::EventBuilder event(builder);
    event.add_event_id(id);
    event.add_type(fb::EventType::purchase);
    event.add_source(source);
    event.add_occurred_at(99);
    event.add_order_id(order);
    event.add_currency(money);
    event.add_customer_id(buyer);
    event.add_customer_country(home);
    event.add_lines(lines);
    builder.Finish(event.Finish());

    auto* root = fb::GetEvent(builder.GetBufferPointer());
    auto* only = root->lines()->Get(0);
    event_id = text_at(root->event_id());
    order_id = text_at(root->order_id());
    currency = text_at(root->currency());
    customer = text_at(root->customer_id());
    country = text_at(root->customer_country());
    sku = text_at(only->sku());
    description = text_at(only->description());
    time = scalar_at(root, fb::Event::VT_OCCURRED_AT);
    quantity = scalar_at(only, fb::Line::VT_QUANTITY);
    price = scalar_at(only, fb::Line::VT_UNIT_PRICE);
  }
};

PurchaseStream::PurchaseStream(StreamSettings settings)
    : settings_(settings),
      fields_(std::make_unique<Fields>()),
      json_(std::make_unique<Json>()),
      flatbuffer_(std::make_unique<FlatBuffer>()) {
  Fields& f = *fields_;
  for (uint32_t i = 0; i < settings.skus; i++) {
    Product made = product(settings.seed, i);
    int64_t cents = 1000 + made.price_cents % 9000;  // two digits before the point
    Item item;
    std::memcpy(item.price.bytes, "00.00", 5);
    put_digits(item.price, 0, 2, static_cast<uint64_t>(cents / 100));
    put_digits(item.price, 3, 2, static_cast<uint64_t>(cents % 100));
    item.price_micros = cents * 10'000;
    made.description.resize(kDescriptionBytes, 'X');
    std::memcpy(item.description.bytes, made.description.data(), kDescriptionBytes);
    f.items.push_back(item);
  }
  for (uint32_t i = 0; i < 1000; i++) f.homes.push_back(&country_at(Random(settings.seed, i).below(100)));
  put_hex(f.order_id, 1, 5, mix(settings.seed));
}

PurchaseStream::~PurchaseStream() = default;

void PurchaseStream::make(uint64_t number) {
  Fields& f = *fields_;
  Random random(settings_.seed, number);
  if (settings_.uuid) {
    uint64_t high = random.next(), low = random.next();
    put_hex(f.event_id, 0, 8, high >> 32);
    put_hex(f.event_id, 9, 4, high >> 16);
    put_hex(f.event_id, 15, 3, high);
    put_hex(f.event_id, 20, 3, low >> 48);
    put_hex(f.event_id, 24, 12, low);
  } else {
    put_hex(f.event_id, 0, 8, mix(settings_.seed));
    put_digits(f.event_id, 24, 12, number);
  }
  put_digits(f.order_id, 6, 10, number);

  int64_t day =
      settings_.start.value + static_cast<int64_t>(number / settings_.orders_per_day % settings_.days);
  auto second = static_cast<int64_t>(number % settings_.orders_per_day * 86'400 / settings_.orders_per_day);
  if (day != f.day_of_text) {
    f.day_of_text = day;
    std::memcpy(f.time.bytes, event::format_day({static_cast<int32_t>(day)}).data(), 10);
  }
  put_digits(f.time, 11, 2, static_cast<uint64_t>(second / 3600));
  put_digits(f.time, 14, 2, static_cast<uint64_t>(second / 60 % 60));
  put_digits(f.time, 17, 2, static_cast<uint64_t>(second % 60));
  f.time_micros = (day * 86'400 + second) * 1'000'000;

  uint32_t customer = random.below(settings_.customers), sku = random.below(settings_.skus);
  put_digits(f.customer, 1, 7, customer);
  put_digits(f.sku, 1, 5, sku);
  f.country = f.homes[customer % f.homes.size()];
  f.item = &f.items[sku];
  f.quantity = random.between(1, 9);
}

std::string_view PurchaseStream::json(uint64_t number) {
  make(number);
  const Fields& f = *fields_;
  Json& j = *json_;
  j.put(j.event_id, f.event_id.view());
  j.put(j.time, f.time.view());
  j.put(j.order_id, f.order_id.view());
  j.put(j.currency, f.country->currency);
  j.put(j.customer, f.customer.view());
  j.put(j.country, f.country->code);
  j.put(j.sku, f.sku.view());
  j.put(j.description, f.item->description.view());
  j.text[j.quantity] = static_cast<char>('0' + f.quantity);
  j.put(j.price, f.item->price.view());
  return j.text;
}

PurchaseKeys PurchaseStream::keys(uint64_t number) {
  make(number);
  const Fields& f = *fields_;
  auto text = [](std::string_view view) { return std::string(view); };
  return {text(f.time.view().substr(0, 10)), text(f.country->code),
          text(f.country->currency),         text(f.sku.view()),
          text(f.customer.view()),           text(f.order_id.view())};
}

std::string_view PurchaseStream::flatbuffer(uint64_t number) {
  make(number);
  const Fields& f = *fields_;
  FlatBuffer& b = *flatbuffer_;
  auto put = [](char* at, std::string_view value) { std::memcpy(at, value.data(), value.size()); };
  put(b.event_id, f.event_id.view());
  put(b.order_id, f.order_id.view());
  put(b.currency, f.country->currency);
  put(b.customer, f.customer.view());
  put(b.country, f.country->code);
  put(b.sku, f.sku.view());
  put(b.description, f.item->description.view());
  flatbuffers::WriteScalar(b.time, f.time_micros);
  flatbuffers::WriteScalar(b.quantity, f.quantity);
  flatbuffers::WriteScalar(b.price, f.item->price_micros);
  return {reinterpret_cast<const char*>(b.builder.GetBufferPointer()), b.builder.GetSize()};
}

}  // namespace lode::generate
