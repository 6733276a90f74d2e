#include "admin/members.h"

#include <simdjson.h>

#include <algorithm>

#include "event/contact_split.h"
#include "event/flatbuffers_json.h"
#include "silver/clean.h"

namespace lode::admin {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// Of the envelope, and of every event.
constexpr std::string_view kNoFields[] = {"event_id", "type", "occurred_at", "source"};
constexpr std::string_view kEnvelope[] = {"specversion",     "id",         "source", "type", "time",
                                          "datacontenttype", "dataschema", "subject"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_set(element value) {
  std::string_view text;
  return !value.is_null() && (value.get(text) || !is_blank(text));
}

// "" for what names the subject; nothing for a member that has one form alone.
std::optional<std::string_view> known_name(event::EventType type, std::string_view parent,
                                           std::string_view name) {
  const bool beside = parent.empty();
  if ((beside || parent == "customer") && event::is_contact_member(name)) return name;
  if (type == event::EventType::customer && (beside || parent == "customer")) {
    if (name == (beside ? "customer_id" : "id")) return "";
    if (name == (beside ? "customer_type" : "type")) return "type";
    if (name == "country") return name;
  }
  if (type == event::EventType::product && (beside || parent == "product")) {
    if (name == "sku") return "";
    if (name == "description" || name == "category") return name;
  }
  return std::nullopt;
}

}  // namespace

bool is_blank(std::string_view text) {
  std::string collapsed;
  return text.empty() || (silver::collapse_space(text, collapsed) && collapsed.empty());
}

struct MemberReader::Impl {
  simdjson::dom::parser parser;
  event::EventType type = event::EventType::customer;
  std::vector<std::string> names;

  void add(object members, const std::string& path) {
    for (auto [name, value] : members) {
      if (path.empty() && is_one_of(kNoFields, name)) continue;
      if (!is_set(value)) continue;
      const auto known = known_name(type, path, name);
      const std::string own =
          known ? std::string(*known) : (path.empty() ? "" : path + ".") + std::string(name);
      object inner;
      if (known && known->empty()) continue;
      if (!known && !value.get(inner))
        add(inner, own);
      else
        names.push_back(own);
    }
  }

  void add_text(std::string_view json, event::Format format) {
    if (json.empty()) return;
    object root;
    if (parser.parse(json.data(), json.size()).get(root))
      throw record::Corruption("a record of the log is no JSON object");
    if (format != event::Format::cloudevents) return add(root, "");
    for (auto [name, value] : root) {
      object data;
      if (name == "data" && !value.get(data))
        add(data, "");
      else if (!is_one_of(kEnvelope, name) && is_set(value))
        names.push_back("extension." + std::string(name));
    }
  }
};

MemberReader::MemberReader() : impl_(std::make_unique<Impl>()) {}
MemberReader::~MemberReader() = default;

std::vector<std::string> MemberReader::read(const record::RecordView& record, event::EventType type) {
  Impl& impl = *impl_;
  impl.type = type;
  impl.names.clear();
  if (record.format == event::Format::flatbuffers) {
    impl.add_text(event::event_json_of_flatbuffers(record.payload), event::Format::json);
    if (!record.contact.empty())
      impl.add_text(event::contact_json_of_flatbuffers(record.contact), event::Format::json);
  } else {
    impl.add_text(record.payload, record.format);
    impl.add_text(record.contact, record.format);
  }
  return std::move(impl.names);
}

}  // namespace lode::admin
