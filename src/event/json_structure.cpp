#include "event/json_structure.h"

#include <simdjson.h>

#include <algorithm>
#include <new>

namespace lode::event {
namespace {

constexpr size_t kSmallBytes = 1 << 20;

}  // namespace

struct JsonStructure::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  uint32_t empty[1] = {0};
};

JsonStructure::JsonStructure() : impl_(std::make_unique<Impl>()) {}
JsonStructure::~JsonStructure() = default;
JsonStructure::JsonStructure(JsonStructure&&) noexcept = default;
JsonStructure& JsonStructure::operator=(JsonStructure&&) noexcept = default;

bool JsonStructure::scan(std::string_view text) {
  auto& parser = impl_->parser;
  tokens_ = {impl_->empty, 0};
  if (text.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) return false;
  if (!parser || parser->capacity() < text.size()) {
    size_t capacity = std::max(text.size(), size_t{64} << 10);
    parser.reset();
    auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, parser);
    if (error != simdjson::SUCCESS) throw std::bad_alloc();
  }
  auto error = parser->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                              simdjson::stage1_mode::regular);
  if (error == simdjson::EMPTY) {  // white space alone
    impl_->empty[0] = static_cast<uint32_t>(text.size());
    return true;
  }
  if (error != simdjson::SUCCESS) return false;
  tokens_ = {parser->structural_indexes.get(), parser->n_structural_indexes};
  has_escapes_ = text.find('\\') != std::string_view::npos;
  return true;
}

void JsonStructure::shrink() {
  if (impl_->parser && impl_->parser->capacity() > kSmallBytes) {
    impl_->parser.reset();
    tokens_ = {};
  }
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

}  // namespace lode::event
