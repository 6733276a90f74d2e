// Apply with all that belongs to it, over any disk: sequence, silver and the shipped views of gold.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "materialize/materializer.h"
#include "silver/tables.h"

namespace lode::test {

// Everything that is derived from a log.
struct Parts {
  explicit Parts(uint8_t secret)
      : hasher({secret}),
        tables(hasher),
        gold(gold::read_views(LODE_SOURCE_DIR "/config/views"), "UTC", tables.dictionary().text_hashes()) {}
  std::vector<store::Part*> all() {
    std::vector<store::Part*> parts{&ids, &index.table(), &gold};
    for (store::Part* part : tables.parts()) parts.push_back(part);
    return parts;
  }

  store::Hasher hasher;
  store::HashIndex ids{"ids", true};
  sequence::BatchIndex index;
  silver::Tables tables;
  gold::Gold gold;
};

inline std::vector<store::Family> families() {
  std::vector<store::Family> families = store::families_of(Parts(0).all());
  families.push_back({std::string(store::kMetaFamily), nullptr});
  return families;
}

struct Engine {
  Engine(uint8_t secret, const materialize::Settings& settings, std::unique_ptr<store::Disk> disk)
      : parts(secret),
        state(std::move(disk), parts.all()),
        silver({.fee_skus = {"post"}}, parts.tables, parts.gold),
        materializer(settings, state, sequencer, silver, parts.gold, applied, 1) {}

  Parts parts;
  store::State state;
  silver::Silver silver;
  sequence::Sequencer sequencer{parts.ids, parts.index};
  materialize::Applied applied;
  materialize::Materializer materializer;
};

}  // namespace lode::test
