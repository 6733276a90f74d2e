#include "silver/table_digests.h"

#include "silver/order_row.h"
#include "store/bytes.h"

namespace lode::silver {

namespace {
constexpr const char* kFamily = "digests";
constexpr const char* kKey = "silver";
}  // namespace

std::vector<store::Family> TableDigests::families() const { return {{kFamily, nullptr}}; }

void TableDigests::load(std::shared_ptr<const store::Snapshot> snapshot) {
  for (store::Digest* digest : all()) *digest = {};
  frozen_.clear();
  std::string value;
  if (!snapshot->get(kFamily, kKey, value) && !store::is_checkpointed(*snapshot)) return;
  store::Unpacker in(value);
  if (in.number() != kOrderRowFormat) throw store::Damaged("a state of rows of another format");
  for (store::Digest* digest : all()) *digest = store::unpack_digest(in);
}

void TableDigests::freeze() {
  frozen_.clear();
  store::Packer out(frozen_);
  out.number(kOrderRowFormat);
  for (const store::Digest* digest : all()) store::pack(*digest, out);
}

void TableDigests::write_frozen(store::Ingestion& ingestion) {
  ingestion.begin(kFamily);
  ingestion.put(kKey, frozen_);
}

void TableDigests::release_frozen(std::shared_ptr<const store::Snapshot>) {}

}  // namespace lode::silver
