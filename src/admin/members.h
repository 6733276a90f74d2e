// The fields that an upsert sets, by name: what must be superseded before it may go. Pure; one thread an
// object.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace lode::admin {

class MemberReader {
 public:
  MemberReader();
  ~MemberReader();

  // Of a customer or product event that was decoded from `record`: one name for what may be sent in several
  // forms ("country", whether it was in `customer` or beside it), the path of members otherwise
  // ("attributes.tier"); arrays as a whole. Without what names the event, its time and its subject, and
  // without members that are null, "" or white space.
  std::vector<std::string> read(const record::RecordView& record, event::EventType type);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Nothing but white space.
bool is_blank(std::string_view text);

}  // namespace lode::admin
