// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "seqsweep/config/config.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/catalogues.hpp"

#include "jobs.hpp"

namespace seqsweep::jobs {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view usage =
    "usage: seqsweep completion bash\n\n"
    "Prints the completion script: jobs, config keys and their values, *.ini and *.h5 files. To use it:\n"
    "  source <(seqsweep completion bash)\n";

// The plain words of a synopsis: make, import, info.
Words plain_words(std::string_view synopsis) {
  Words words;
  for (const auto& word : split(synopsis, ' '))
    if (!word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::islower(c); }))
      words.push_back(word);
  return words;
}

bool reads(const Job& job, std::string_view what) {
  return job.synopsis.find(what) != std::string_view::npos;
}

// One `case` branch: the words, options and file endings that may follow a job.
std::string job_branch(const Job& job) {
  const bool takes_config = reads(job, ".ini");
  const auto* options = !takes_config         ? "--help"
                        : job.name == "train" ? "--help --output --trial --quiet --verbose $keys"
                                              : "--help --output --dry-run --quiet --verbose $keys";
  const std::string_view ending = takes_config ? "ini" : reads(job, ".h5") || reads(job, "FILE") ? "h5" : "";
  return fmt::format("        {}) words=\"{}\" options=\"{}\" ending='{}' ;;\n", job.name,
                     join(plain_words(job.synopsis), " "), options, ending);
}

std::string names_of(const config::KeyDescription& key) {
  if (key.type == "yes/no") return "yes, no";
  for (const std::string_view beginning : {"one of ", "one or more of "})
    if (key.type.starts_with(beginning)) return key.type.substr(beginning.size());
  return "";
}

// What may stand after "--model.cell=": the names of keys that take names.
std::string value_branches() {
  std::string branches;
  for (const auto& key : config::keys()) {
    auto values = names_of(key);
    values.erase(std::remove(values.begin(), values.end(), ','), values.end());
    if (!values.empty()) branches += fmt::format("    --{}) words=\"{}\" ;;\n", key.name, values);
  }
  return branches;
}

std::string bash_script() {
  Words jobs, keys;
  std::string job_branches;
  for (const auto& job : job_catalogue()) {
    jobs.emplace_back(job.name);
    job_branches += job_branch(job);
  }
  for (const auto& key : config::keys())
    keys.push_back("--" + (key.name.ends_with(".NAME") ? key.name.substr(0, key.name.size() - 4) : key.name + "="));
  return fmt::format(R"(# bash completion for seqsweep, printed by `seqsweep completion bash`
_seqsweep() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words='' options='' ending='' key=''
  local keys="{keys}"
  COMPREPLY=()
  # bash takes the "=" of --key=value for a word of its own
  if [[ $current == = ]]; then key=$previous current=''
  elif [[ $previous == = ]]; then key=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "{jobs} --help --version" -- "$current")
    return
  fi
  case $key in
    '') ;;
{values}    --data.path) ending=h5 ;;
    *) return ;;
  esac
  if [[ -z $key ]]; then
    case ${{COMP_WORDS[1]}}:$previous in
      *:-o|*:--output) ending=h5 ;;
      dataset:make) words="{tasks}" ;;
      dataset:import) words="{formats}" ;;
      *)
        case ${{COMP_WORDS[1]}} in
{jobs_words}        esac
        ;;
    esac
  fi
  if [[ $current == -* ]]; then words=$options; fi
  [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ -n $ending && $current != -* ]]; then
    mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY < <(compgen -f -X "!*.$ending" -- "$current"; compgen -d -S / -- "$current")
  fi
  # a key waits for its value, a folder for its files
  if ((${{#COMPREPLY[@]}} == 1)) && [[ ${{COMPREPLY[0]}} == *[=/] ]]; then compopt -o nospace; fi
}}
complete -F _seqsweep seqsweep
)",
                     fmt::arg("keys", join(keys, " ")), fmt::arg("jobs", join(jobs, " ")),
                     fmt::arg("values", value_branches()), fmt::arg("jobs_words", job_branches),
                     fmt::arg("tasks", join(names_of(data::task_catalogue()), " ")),
                     fmt::arg("formats", join(names_of(data::importer_catalogue()), " ")));
}

}  // namespace

int run_completion(Arguments arguments) {
  const bool wants_help = std::any_of(arguments.begin(), arguments.end(),
                                      [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (wants_help) {
    fmt::print("{}", usage);
    return static_cast<int>(ExitCode::done);
  }
  if (arguments.size() != 1 || arguments[0] != "bash")
    throw ConfigError("completion is made for one shell (known: bash); write seqsweep completion bash", "command line");
  fmt::print("{}", bash_script());
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
