#include "admin/supersession.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "admin/members.h"
#include "silver/clean.h"

namespace lode::admin {

namespace {

// The newest that was said of a field, of equal times the later.
struct Said {
  uint32_t field = 0;
  event::Micros at;
  uint64_t offset = 0;
};
using Subject = std::vector<Said>;  // few fields each

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

std::string cleaned(std::string_view sku) {
  std::string out(sku), next;
  if (silver::collapse_space(out, next)) out = std::move(next);
  if (silver::upper_ascii(out, next)) out = std::move(next);
  return out;
}

}  // namespace

struct Supersession::Impl {
  ByText<uint32_t> fields;
  ByText<Subject> customers, products;
  ByText<std::vector<std::string>> variants;  // cleaned skus with those as they were sent
  std::vector<uint64_t> upserts, taken;

  uint32_t field(std::string_view name) {
    const auto found = fields.find(name);
    if (found != fields.end()) return found->second;
    return fields.emplace(std::string(name), static_cast<uint32_t>(fields.size())).first->second;
  }

  static void offer(Subject& subject, uint32_t field, event::Micros at, uint64_t offset) {
    for (Said& said : subject) {
      if (said.field != field) continue;
      if (at >= said.at) said = {field, at, offset};
      return;
    }
    subject.push_back({field, at, offset});
  }

  void take(const Subject& subject, std::string_view name) {
    const uint32_t wanted = field(name);
    for (const Said& said : subject)
      if (said.field == wanted) taken.push_back(said.offset);
    if (taken.size() > 2 * kept_taken + (1 << 20)) shrink();
  }
  size_t kept_taken = 0;
  void shrink() {
    std::sort(taken.begin(), taken.end());
    taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
    kept_taken = taken.size();
  }
};

Supersession::Supersession() : impl_(std::make_unique<Impl>()) {}
Supersession::~Supersession() = default;

void Supersession::add_upsert(record::Offset offset, const event::Event& event,
                              const std::vector<std::string>& members) {
  Impl& to = *impl_;
  const bool customer = event.type == event::EventType::customer;
  const std::string_view id = customer ? event.customer.id : event.product.sku;
  auto& subjects = customer ? to.customers : to.products;
  auto found = subjects.find(id);
  if (found == subjects.end()) {
    found = subjects.emplace(std::string(id), Subject{}).first;
    if (!customer) to.variants[cleaned(id)].emplace_back(id);
  }
  to.upserts.push_back(offset.value);
  // Who said something last, and whether there is contact data, are fields of the rows, too.
  Impl::offer(found->second, to.field("source"), event.occurred_at, offset.value);
  if (!event.contact.empty())
    Impl::offer(found->second, to.field("contact"), event.occurred_at, offset.value);
  for (const std::string& member : members)
    Impl::offer(found->second, to.field(" " + member), event.occurred_at, offset.value);
}

void Supersession::add_purchase(const event::Event& event, std::span<const event::Line> lines) {
  Impl& to = *impl_;
  if (const auto customer = to.customers.find(event.customer.id); customer != to.customers.end()) {
    if (is_blank(event.country) && is_blank(event.customer.country)) to.take(customer->second, " country");
    if (is_blank(event.customer.type)) to.take(customer->second, " type");
  }
  for (const event::Line& line : lines) {
    if (!is_blank(line.description)) continue;
    const auto variants = to.variants.find(cleaned(line.sku));
    if (variants == to.variants.end()) continue;
    for (const std::string& sku : variants->second) to.take(to.products.find(sku)->second, " description");
  }
}

uint64_t Supersession::upserts() const { return impl_->upserts.size(); }

std::vector<record::Offset> Supersession::superseded() const {
  std::vector<uint64_t> kept = impl_->taken;
  for (const auto* subjects : {&impl_->customers, &impl_->products})
    for (const auto& [id, subject] : *subjects)
      for (const Said& said : subject) kept.push_back(said.offset);
  std::sort(kept.begin(), kept.end());
  std::vector<record::Offset> out;
  for (const uint64_t offset : impl_->upserts)
    if (!std::binary_search(kept.begin(), kept.end(), offset)) out.push_back({offset});
  return out;
}

}  // namespace lode::admin
