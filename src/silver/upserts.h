// Applies customer (CRM) and product (inventory) events: the newest occurred_at wins per field. Apply thread,
// the state's mutex held exclusively.
#pragma once

#include "event/event.h"
#include "silver/cleaner.h"
#include "silver/interner.h"
#include "silver/tables.h"

namespace lode::silver {

void upsert_customer(const event::Event& event, const CleanEvent& clean, uint64_t offset, Interner& intern,
                     Tables& tables);
void upsert_product(const event::Event& event, const CleanEvent& clean, uint64_t offset, Interner& intern,
                    Tables& tables);

}  // namespace lode::silver
