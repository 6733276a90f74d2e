// The rows of a view that match, ascending by key, each added up over the epochs and the disk. One thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gold/delta.h"
#include "gold/key_filter.h"
#include "gold/plan.h"
#include "gold/total.h"
#include "store/disk.h"

namespace lode::gold {

class RowScan {
 public:
  // `newer` and `older` ascend by key and hold matching rows only.
  RowScan(const Plan& plan, const KeyFilters& filters, const Key& from, std::optional<Key> horizon,
          std::vector<Delta> newer, std::vector<Delta> older, const store::Snapshot& snapshot);

  // The next row that is not all zero. False: no more.
  bool next(Key& key, Total& total);

 private:
  void find_disk_row();  // moves on to the next match on the disk

  const Plan& plan_;
  const KeyFilters& filters_;
  std::optional<Key> horizon_;
  std::vector<Delta> newer_, older_;
  size_t newer_at_ = 0, older_at_ = 0;
  std::unique_ptr<store::Iterator> disk_;  // null when one key is looked up
  std::optional<Key> disk_key_;            // nothing: the disk has no more
  std::string disk_value_;                 // of a looked up row
};

}  // namespace lode::gold
