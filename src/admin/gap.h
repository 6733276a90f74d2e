// What is left of a record that compaction drops (src/record/FORMAT.md). Pure; any thread.
#pragma once

#include <string>

#include "record/batch.h"
#include "store/hash96.h"

namespace lode::admin {

// `view` points into this.
struct Gap {
  std::string payload, contact;
  record::RecordView view;
};

// Of a customer or product event: replay makes the same rows and counts of it. Throws std::logic_error for
// another type.
std::shared_ptr<const Gap> gap_of_upsert(const event::Event& event, const store::Hash96& key);
// Of an item that has no offset: replay gives it the same verdict, and nothing else comes of it.
std::shared_ptr<const Gap> gap_of_repeated(const event::Event& event, const store::Hash96& key);

}  // namespace lode::admin
