#include "materialize/state_hash.h"

namespace lode::materialize {

store::Digest Digests::all() const {
  std::vector<store::NamedDigest> parts;
  for (const store::NamedDigest& table : tables) parts.push_back({"silver." + table.name, table.digest});
  for (const store::NamedDigest& view : views) parts.push_back({"gold." + view.name, view.digest});
  return store::combine(parts);
}

Digests digests_of(const silver::Tables& tables, const gold::Gold& gold) {
  Digests digests{tables.digests(), {}};
  for (const gold::View& view : gold.views()) digests.views.push_back({view.name, gold.digest(view)});
  return digests;
}

Digests scan_digests(const silver::Tables& tables, const gold::Gold& gold) {
  store::TextHashes texts = tables.dictionary().scan_text_hashes();
  Digests digests{tables.scan_digests(texts), {}};
  for (const gold::View& view : gold.views()) {
    digests.views.push_back({view.name, gold.scan_digest(view, texts)});
  }
  return digests;
}

}  // namespace lode::materialize
