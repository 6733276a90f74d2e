// Sends batches over connections, a thread each; over one they arrive in the order of send(). A batch that
// the server can't take now (429, 503, 507) or that got no answer is sent again, after Retry-After or a
// growing pause: event ids make that harmless.
#pragma once

#include <memory>
#include <string>

#include "lodectl/import_batch.h"
#include "lodectl/import_report.h"

namespace lode::lodectl {

struct SenderSettings {
  std::string url;
  uint32_t connections = 1;
  uint32_t give_up_seconds = 120;  // without any answer that helps, for one batch
};

class ImportSender {
 public:
  ImportSender(SenderSettings settings, ImportReport& report);
  ~ImportSender();

  // Waits while enough is under way. Throws what a connection failed with (Failed, Unreachable), and Failed
  // after Ctrl-C (interruption.h); then nothing more is sent.
  void send(ImportBatch batch);
  // Returns when everything is answered; throws like send().
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::lodectl
