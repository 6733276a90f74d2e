#include "client/batch.h"

namespace lode::client {

Batch::Batch() : impl_(std::make_unique<Impl>()) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::add(Format format, std::string_view event, std::string_view contact) {
  auto& builder = impl_->builder;
  // FlatBuffers inside keep the alignment that they were made with.
  auto bytes = [&](std::string_view from) {
    builder.ForceVectorAlignment(from.size(), 1, 8);
    return builder.CreateVector(reinterpret_cast<const uint8_t*>(from.data()), from.size());
  };
  auto event_at = bytes(event);
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> contact_at;
  if (!contact.empty()) contact_at = bytes(contact);
  impl_->items.push_back(fb::CreateItem(builder, static_cast<uint8_t>(format), event_at, contact_at));
}

size_t Batch::size() const { return impl_->items.size(); }

void Batch::clear() {
  impl_->builder.Clear();
  impl_->items.clear();
}

}  // namespace lode::client
