// Random upserts among the events of orders, and which of them may go, found in a plain way.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "property/silver_stream.h"

namespace lode::twin {

// The events of orders, and more upserts than orders, many of which say little or come late.
class Shop {
 public:
  explicit Shop(uint32_t seed) : orders_(seed), random_(seed + 1) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  std::string event() {
    if (!sent_.empty() && below(12) == 0)
      return sent_[static_cast<size_t>(below(static_cast<int>(sent_.size())))];
    std::string out = below(2) ? json_of(orders_.event()) : upsert();
    sent_.push_back(out);
    return out;
  }

 private:
  std::string member(const char* name, std::initializer_list<const char*> values) {
    if (below(3) == 0) return "";
    return std::string(",\"") + name + "\":\"" + *(values.begin() + below(static_cast<int>(values.size()))) +
           '"';
  }
  std::string upsert() {
    const bool customer = below(2) == 0;
    char day[16];
    std::snprintf(day, sizeof day, "%04d-%02d-%02d", below(30) == 0 ? 1980 : 2011, 1 + below(3),
                  1 + below(28));
    std::string out = R"({"event_id":"u)" + std::to_string(serial_++) + R"(","type":")" +
                      (customer ? "customer" : "product") + R"(","occurred_at":")" + day + R"(T00:00:00.5Z")";
    out += member("source", {"crm", "erp"});
    if (customer) {
      out += R"(,"customer":{"id":"c)" + std::to_string(below(5)) + '"';
      out += member("type", {"wholesale", "retail", " "}) + member("country", {"Spain", " EIRE ", "XX", ""}) +
             "}";
      out += member("email", {"a@b", "c@d"}) + member("phone", {"1", "2"});
    } else {
      out += R"(,"sku":")" + std::string(below(2) ? "A" : below(2) ? " b " : "B") + '"';
      out += member("description", {"ONE", " two  three", "  "}) + member("category", {"x", "y "});
    }
    return out + member("note", {"kept"}) + "}";
  }

  Stream orders_;
  std::mt19937 random_;
  std::vector<std::string> sent_;
  int serial_ = 0;
};

// What may go, said in another way: from the rows as they were when each record came. Slower, and plainer.
class Superseded {
 public:
  void add(uint64_t offset, const std::string& json, bool retry) {
    simdjson::dom::parser parser;
    const simdjson::dom::object event = parser.parse(json);
    const std::string type = text(event, "type");
    if (type == "purchase") return take(event);
    if (retry || (type != "customer" && type != "product")) return;
    if (text(event, "occurred_at").starts_with("1980")) return;  // quarantined
    std::map<std::string, std::string> fields;
    for (const auto& [name, value] : event) {
      if (name == "event_id" || name == "type" || name == "occurred_at" || name == "sku") continue;
      simdjson::dom::object inner;
      if (value.get(inner)) {
        fields[std::string(name)] = text(event, name);
        continue;
      }
      for (const auto& [inside, unused] : inner)
        if (inside != "id") fields[std::string(inside)] = text(inner, inside);
    }
    fields.try_emplace("source", "-");
    if (fields["source"].empty()) fields["source"] = "-";
    simdjson::dom::object customer;
    const std::string subject =
        type + (event["customer"].get(customer) ? text(event, "sku") : text(customer, "id"));
    all_.insert(offset);
    for (const auto& [field, value] : fields) {
      if (value.find_first_not_of(' ') == std::string::npos) continue;
      auto& said = said_[{subject, field}];
      said.emplace_back(text(event, "occurred_at"), offset);
    }
    if (fields.contains("email") || fields.contains("phone"))
      said_[{subject, "any contact"}].emplace_back(text(event, "occurred_at"), offset);
  }
  std::set<uint64_t> superseded() const {
    std::set<uint64_t> out = all_;
    for (const uint64_t offset : taken_) out.erase(offset);
    for (const auto& [key, said] : said_) out.erase(std::max_element(said.begin(), said.end())->second);
    return out;
  }

 private:
  static std::string text(simdjson::dom::object of, std::string_view name) {
    std::string_view found;
    return of[name].get(found) ? "" : std::string(found);
  }
  void take(const std::string& subject, const std::string& field) {
    const auto found = said_.find({subject, field});
    if (found != said_.end())
      taken_.insert(std::max_element(found->second.begin(), found->second.end())->second);
  }
  void take(simdjson::dom::object event) {
    simdjson::dom::object customer;
    if (!event["customer"].get(customer)) {
      const std::string subject = "customer" + text(customer, "id");
      if (text(customer, "country").empty()) take(subject, "country");
      if (text(customer, "type").empty()) take(subject, "type");
    }
    for (const simdjson::dom::object line : simdjson::dom::array(event["lines"])) {
      for (const std::string sku : {"A", "B", " b "})
        if (text(line, "sku") == (sku == " b " ? "B" : sku)) take("product" + sku, "description");
    }
  }

  std::map<std::pair<std::string, std::string>, std::vector<std::pair<std::string, uint64_t>>> said_;
  std::set<uint64_t> all_, taken_;
};

}  // namespace lode::twin
