// SPDX-License-Identifier: Apache-2.0
#include "metric_sense.hpp"

#include <algorithm>
#include <cctype>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::config {
namespace {

using search::Goal;

// ---- the table. Words of a name are joined by "_". Help shows the first line of each.

constexpr std::string_view maximized_in_help = "accuracy r2 f1 precision recall auc map ndcg bleu rouge iou reward";
constexpr std::string_view maximized =
    "acc exact_match f2 f05 fbeta f1score sensitivity specificity tpr tnr roc_auc auroc aucroc auc_roc pr_auc auprc "
    "aucpr auc_pr average_precision ap map50 mrr hits hit_rate hit_ratio r_2 r_squared r2score explained_variance "
    "bleu4 meteor chrf cider spice sacrebleu rouge1 rouge2 rougel rougelsum miou jaccard dice mcc matthews_corrcoef "
    "kappa "
    "cohen_kappa likelihood log_likelihood loglikelihood elbo psnr ssim rewards return returns episode_reward "
    "episode_return episodic_return win_rate success_rate correlation corr pearson pearsonr spearman spearmanr kendall "
    "kendalltau c_index concordance";

constexpr std::string_view minimized_in_help =
    "value objective cost time loss error mse rmse mae perplexity wer memory";
constexpr std::string_view minimized =
    "costs seconds milliseconds runtime run_time walltime wall_time elapsed elapsed_time elapsed_seconds duration "
    "latency err msle rmsle mape smape mase medae rmsd ppl nll negative_log_likelihood neg_log_likelihood "
    "cross_entropy crossentropy xent bce brier kl kld kl_divergence cer ter mer eer fer fid bits bits_per_byte "
    "bits_per_char bits_per_character bits_per_word bits_per_dim bpc bpb bpw distance regret energy residual residuals "
    "parameters multiply_adds fpr fnr fdr";

// They say of what, where or how it is measured, not where it should go.
constexpr std::string_view neutral =
    "val valid validation test testing train training eval evaluation dev holdout heldout cv best final last mean avg "
    "average median total sum overall macro micro weighted balanced binary multiclass epoch step batch score rate "
    "metric at top top1 top5 k l root squared absolute relative";

// They turn a name round: neg_mean_squared_error is the better the higher.
constexpr std::string_view turning = "neg negative minus inverse inv reduction improvement gain decrease saved";

bool is_in(std::string_view table, const std::string& word) {
  return fmt::format(" {} ", table).find(fmt::format(" {} ", word)) != std::string::npos;
}

bool is_number(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

// "loss", "val_loss" in one word, "logloss"; "error", "errors".
bool is_loss_or_error(const std::string& word) {
  return word.ends_with("loss") || word.ends_with("losses") || word.ends_with("error") || word.ends_with("errors");
}

enum class Camel { one_word, cut };

// Lower case, cut at all that is no letter or digit; valLoss also where a capital begins a word.
std::vector<std::string> words_of(std::string_view name, Camel camel) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool begins_word = camel == Camel::cut && i > 0 && std::isupper(c) != 0 &&
                             std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    const bool is_of_word = std::isalnum(c) != 0 || c >= 0x80;
    if ((begins_word || !is_of_word) && !words.back().empty()) words.emplace_back();
    if (is_of_word) words.back() += static_cast<char>(std::tolower(c));
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, "_"));
}

// What some words say together, if anything.
std::optional<Goal> sense_together(std::span<const std::string> words) {
  const auto name = joined(words);
  if (is_in(maximized_in_help, name) || is_in(maximized, name)) return Goal::maximize;
  if (is_in(minimized_in_help, name) || is_in(minimized, name) || (words.size() == 1 && is_loss_or_error(name)))
    return Goal::minimize;
  return std::nullopt;
}

// What a name is made of: what its words say, and those that say nothing.
struct Meaning {
  bool is_up = false, is_down = false;
  bool has_loss = false;   // or error
  bool ends_so = false;    // with loss or error, neutral words apart
  bool has_other = false;  // words that nobody here knows
  bool is_turned = false;
};

// The longest entry of the table first.
Meaning meaning_of(std::span<const std::string> words) {
  Meaning meaning;
  while (!words.empty()) {
    auto length = words.size();
    while (length > 0 && !sense_together(words.first(length))) --length;
    const bool is_neutral = is_in(neutral, words.front()) || is_number(words.front());
    if (length > 0) {
      const bool is_up = sense_together(words.first(length)) == Goal::maximize;
      meaning.is_up |= is_up;
      meaning.is_down |= !is_up;
      meaning.ends_so = !is_up && is_loss_or_error(words[length - 1]);
      meaning.has_loss |= meaning.ends_so;
    } else if (is_in(turning, words.front())) {
      meaning.is_turned = true;
    } else if (!is_neutral) {
      meaning.has_other = true;
      meaning.ends_so = false;
    }
    words = words.subspan(std::max<std::size_t>(length, 1));
  }
  return meaning;
}

std::optional<Goal> sense_of_words(const std::vector<std::string>& words) {
  const auto meaning = meaning_of(words);
  if (meaning.is_turned) return std::nullopt;
  if (meaning.ends_so) return Goal::minimize;  // dice_loss, top5_error
  if (meaning.is_up == meaning.is_down) return std::nullopt;
  if (meaning.has_other && !meaning.has_loss) return std::nullopt;
  return meaning.is_up ? Goal::maximize : Goal::minimize;
}

std::string listed(std::string_view table) {
  return join(split(table, ' '), ", ");
}

}  // namespace

std::optional<Goal> sense_of(std::string_view metric) {
  if (const auto sense = sense_of_words(words_of(metric, Camel::one_word))) return sense;
  return sense_of_words(words_of(metric, Camel::cut));
}

std::string known_senses() {
  return fmt::format("maximized are {} and the like; minimized are {}, names with loss or error, and the like",
                     listed(maximized_in_help), listed(minimized_in_help));
}

}  // namespace seqsweep::config
