#include "event/flatbuffers.h"
#include "schema/event_generated.h"

namespace lode::event {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Text = flatbuffers::Offset<flatbuffers::String>;

Text put(Builder& builder, std::string_view text) {
  return text.empty() ? Text() : builder.CreateString(text.data(), text.size());
}

std::string bytes_of(const Builder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace

std::string encode_flatbuffers(const Event& event, std::span<const Line> lines, FlatbuffersExtra extra) {
  Builder builder(512);
  std::vector<flatbuffers::Offset<fb::Line>> line_offsets;
  for (const Line& line : lines) {
    flatbuffers::Optional<int64_t> price;
    if (line.has_unit_price) price = line.unit_price.micros;
    line_offsets.push_back(fb::CreateLine(builder, put(builder, line.sku), put(builder, line.description),
                                          put(builder, line.category), line.quantity, price,
                                          line.discount.micros));
  }
  std::vector<flatbuffers::Offset<fb::Attribute>> attribute_offsets;
  for (auto [key, value] : extra.attributes) {
    attribute_offsets.push_back(fb::CreateAttribute(builder, put(builder, key), put(builder, value)));
  }
  auto line_vector = line_offsets.empty() ? 0 : builder.CreateVector(line_offsets);
  auto attribute_vector = attribute_offsets.empty() ? 0 : builder.CreateVector(attribute_offsets);
  Text event_id = put(builder, event.event_id), source = put(builder, event.source),
       order_id = put(builder, event.order_id), currency = put(builder, event.currency),
       channel = put(builder, event.channel), country = put(builder, event.country),
       customer_id = put(builder, event.customer.id), customer_type = put(builder, event.customer.type),
       customer_country = put(builder, event.customer.country), sku = put(builder, event.product.sku),
       description = put(builder, event.product.description), category = put(builder, event.product.category),
       json = put(builder, extra.json);
  builder.Finish(fb::CreateEvent(builder, event_id, static_cast<fb::EventType>(event.type), source,
                                 event.occurred_at.value, order_id, currency, channel, event.revision,
                                 customer_id, customer_type, customer_country, sku, description, category,
                                 line_vector, attribute_vector, json, country));
  return bytes_of(builder);
}

std::string encode_contact(const ContactFields& contact) {
  Builder builder(256);
  Text email = put(builder, contact.email), name = put(builder, contact.name),
       phone = put(builder, contact.phone), address = put(builder, contact.address);
  builder.Finish(fb::CreateContact(builder, email, name, phone, address));
  return bytes_of(builder);
}

}  // namespace lode::event
