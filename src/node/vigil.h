// Watches over this process, and tells the service manager how it is: how far a start has come, when the node
// is ready, what it is at, and that it is alive. That means that it was seen to be alive a moment ago: every
// loop of the server answered, the state can be read, and apply went on where it had work. What hangs is
// named in the log, and the service manager hears nothing any more, so that it starts the process anew.
//
// Threads: one of its own; calls from any. Nothing a Subject has is called after its Watching has gone.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "env/clock.h"
#include "env/service_manager.h"
#include "node/pulse.h"

namespace lode::node {

class Vigil {
 public:
  // What there is to look at while an engine is there. All of it may be called from the thread of the vigil;
  // what hangs may hang there.
  struct Subject {
    std::function<std::string()> not_ready;  // "" when clients should be sent here; else why not, how far
    // Not ready for want of what others do: an operator's word, or a leader. The start is over then.
    std::function<bool()> waits_for_others;
    std::function<std::string()> at_work;  // one line: what a node that is ready is at
    struct Work {
      uint64_t at = 0;  // see Pulse
      bool has_more = false;
    };
    std::function<Work()> apply;
    std::function<bool(std::chrono::milliseconds within)> loops_answer;
  };

  Vigil(env::ServiceManager& manager, const env::Clock& clock);
  ~Vigil();
  Vigil(const Vigil&) = delete;
  Vigil& operator=(const Vigil&) = delete;

  // While it lives the subject is watched. In between an engine is opened or closed, which may take kOpening.
  class Watching {
   public:
    Watching(Vigil& vigil, Subject subject);
    ~Watching();
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

   private:
    Vigil& vigil_;
  };

  void begin_reload();
  void end_reload(const std::string& outcome);  // a line for whoever asks for the status
  void stopping(const std::string& why);

 private:
  static constexpr std::chrono::minutes kOpening{10};

  void run();
  std::chrono::microseconds pause() const;
  void look();
  void look_at_subject();
  void tell_status(const std::string& status);
  std::string trouble();
  void judge(const std::string& trouble);

  env::ServiceManager& manager_;
  const env::Clock& clock_;
  const std::chrono::microseconds patience_;
  // Held while the subject is called.
  mutable std::mutex subject_mutex_;
  std::unique_ptr<Subject> subject_;
  int64_t without_since_;  // steady clock
  Pulse apply_;

  std::mutex mutex_;  // of all below
  std::condition_variable wake_;
  bool over_ = false, stopping_ = false, ready_ = false;
  std::string told_, outcome_, trouble_;
  int64_t told_at_ = 0;
  std::thread thread_;
};

}  // namespace lode::node
