// Apply with all that belongs to it, over any disk: sequence, silver and the shipped views of gold.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "materialize/current.h"
#include "store/memory_disk.h"

namespace lode::test {

inline materialize::Ruleset shipped_rules() {
  materialize::Ruleset rules;
  rules.silver.fee_skus = {"post"};
  rules.views = gold::read_views(LODE_SOURCE_DIR "/config/views");
  return rules;
}

// Of a generation under these rules.
inline std::vector<store::Family> families() {
  std::vector<store::Family> families;
  store::Hasher hasher({0});
  const materialize::Generation opened(shipped_rules(), hasher, {},
                                       [&](const std::vector<store::Family>& declared) {
                                         families = declared;
                                         return std::make_unique<store::MemoryDisk>(declared);
                                       });
  families.push_back({std::string(store::kMetaFamily), nullptr});
  return families;
}

struct Engine {
  Engine(uint8_t secret, const materialize::Settings& settings, std::unique_ptr<store::Disk> disk)
      : hasher({secret}),
        current(std::make_shared<materialize::Generation>(shipped_rules(), hasher, settings,
                                                          [&](const auto&) { return std::move(disk); }),
                applied) {}

  store::Hasher hasher;
  materialize::Applied applied;
  materialize::Current current;
  std::shared_ptr<materialize::Generation> generation = current.get();  // the first
  store::State& state = generation->state();
  silver::Tables& tables = generation->tables();
  const gold::Gold& gold = generation->gold();
  materialize::Materializer& materializer = generation->materializer();
};

}  // namespace lode::test
