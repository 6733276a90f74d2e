#include "lodectl/confirmation.h"

#include <unistd.h>

#include <iostream>

#include "lodectl/command.h"

namespace lode::lodectl {

void confirm(const std::string& consequence, bool said_yes) {
  if (said_yes) return;
  if (isatty(STDIN_FILENO) == 0) throw Failed(consequence + ": say --yes to mean it", kUsage);
  std::cerr << consequence << ". Go on? (yes/no) ";
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "yes" && answer != "y") throw Failed("nothing was done");
}

}  // namespace lode::lodectl
