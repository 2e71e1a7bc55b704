// examples/networks/fashion_training.cpp -- epochs, the test, and the pictures of a run.
#include <fmt/format.h>

#include <cmath>

#include "examples/networks/fashion.h"
#include "examples/networks/layers.h"
#include "runtime/timer.h"
#include "support/contact_sheet.h"
#include "support/fashion_mnist.h"
#include "support/line_chart.h"
#include "support/progress.h"

namespace heddle::examples {
namespace {

constexpr int quick_steps = 40;

struct Run {
    ProgramOptions options;
    Network network;
    FashionData data;
    Value scores, predicted, loss;

    Run(const ProgramOptions& given, const Classifier& classifier)
        : options(given),
          data(network, given.batch),
          scores(classifier(network, data.images())),
          predicted(predicted_class(network, "predicted", scores)),
          loss(cross_entropy(network, "loss", scores, data.classes())) {}
};

/// The classes that the network gives the test images.
std::vector<int> predict(Run& run, Training& training) {
    std::vector<int> classes;
    for (std::int64_t first = 0; first < run.data.tests(); first += run.options.batch) {
        run.data.choose_tests(training, first);
        training.forward(run.predicted);
        const Buffer found = training.value(run.predicted);
        for (std::int64_t i = 0; i < run.options.batch && first + i < run.data.tests(); ++i)
            classes.push_back(found.as<std::int32_t>()[i]);
    }
    return classes;
}

double accuracy(const Run& run, const std::vector<int>& predicted) {
    std::int64_t right = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i)
        right += predicted[i] == run.data.class_of_test(static_cast<std::int64_t>(i));
    return static_cast<double>(right) / static_cast<double>(predicted.size());
}

/// A row a class: six images that were known, and four that were taken for something else.
support::Picture predictions_sheet(const Run& run, const std::vector<int>& predicted) {
    const std::vector<std::string>& names = support::fashion_mnist_classes();
    std::vector<support::SheetColumn> columns;
    for (int column = 0; column < 10; ++column) {
        const bool known = column < 6;
        support::SheetColumn added{column == 0   ? "known"
                                   : column == 6 ? "taken for"
                                                 : "",
                                   {},
                                   known ? support::Palette::grey : support::Palette::heat};
        for (std::size_t of_class = 0; of_class < names.size(); ++of_class) {
            int skipped = known ? column : column - 6;
            Buffer image(f32, {1, 1});
            std::string caption;
            for (std::size_t i = 0; i < predicted.size(); ++i) {
                const auto test = static_cast<std::int64_t>(i);
                if (run.data.class_of_test(test) != static_cast<int>(of_class)) continue;
                if ((predicted[i] == static_cast<int>(of_class)) != known || skipped-- > 0) continue;
                image = run.data.test_image(test);
                if (!known) caption = names[static_cast<std::size_t>(predicted[i])];
                break;
            }
            added.images.push_back(image);
            added.captions.push_back(caption);
        }
        columns.push_back(added);
    }
    return support::contact_sheet(columns, names);
}

/// Means of 20 steps, over epochs.
support::Curve smoothed(const std::vector<double>& losses, std::int64_t steps) {
    support::Curve curve{{}, {}, {255, 150, 60}, "loss"};
    for (std::size_t first = 0; first + 20 <= losses.size(); first += 20) {
        double sum = 0;
        for (std::size_t i = first; i < first + 20; ++i) sum += losses[i];
        curve.x.push_back((static_cast<double>(first) + 10) / static_cast<double>(steps));
        curve.y.push_back(sum / 20);
    }
    return curve;
}

int quick(Run& run, Training& training) {
    double first = 0, last = 0;
    for (int step = 0; step < quick_steps; ++step) {
        run.data.choose(training, 0, step);
        const double loss = training.step(run.options.rate * 0.5);
        if (step < 5) first += loss / 5;
        if (step >= quick_steps - 5) last += loss / 5;
    }
    const bool fine = std::isfinite(last) && last < 0.75 * first;
    fmt::print("{} steps: loss {:.3f} to {:.3f}{}\n", quick_steps, first, last, fine ? "" : ": it does not fall");
    return fine ? 0 : 1;
}

int full(Run& run, Training& training) {
    const Timer timer;
    std::vector<double> losses;
    support::Curve tests{{}, {}, {90, 180, 255}, "test error"};
    std::vector<int> predicted;
    const std::int64_t steps = run.data.steps();
    const auto all_steps = static_cast<double>(steps * run.options.epochs);
    for (int epoch = 0; epoch < run.options.epochs; ++epoch) {
        support::Progress progress(fmt::format("epoch {}", epoch + 1));
        const Timer epoch_timer;
        for (std::int64_t step = 0; step < steps; ++step) {
            const double warm = std::min(1.0, static_cast<double>(losses.size() + 1) / 200);
            const double rate =
                run.options.rate * warm * 0.5 * (1 + std::cos(M_PI * static_cast<double>(losses.size()) / all_steps));
            run.data.choose(training, epoch, step);
            losses.push_back(training.step(rate));
            progress.show(static_cast<double>(step + 1) / static_cast<double>(steps),
                          fmt::format("loss {:.3f}, {:.0f} images/s", losses.back(),
                                      static_cast<double>((step + 1) * run.options.batch) / epoch_timer.seconds()));
        }
        const double seconds = epoch_timer.seconds();
        predicted = predict(run, training);
        progress.clear();
        tests.x.push_back(epoch + 1);
        tests.y.push_back(1 - accuracy(run, predicted));
        fmt::print("epoch {:2}: loss {:.3f}, test accuracy {:.2f} %, {:.0f} images/s, {:.0f} s so far\n", epoch + 1,
                   losses.back(), 100 * (1 - tests.y.back()), static_cast<double>(steps * run.options.batch) / seconds,
                   timer.seconds());
        std::fflush(stdout);
    }
    const std::filesystem::path curve = run.options.folder / (run.options.name + "_loss.png"),
                                sheet = run.options.folder / (run.options.name + "_predictions.png");
    support::write_png(
        curve, support::line_chart(run.options.name + " on Fashion-MNIST", "epochs", {smoothed(losses, steps), tests}));
    support::write_png(sheet, predictions_sheet(run, predicted));
    fmt::print("{} and {} written\n", curve.string(), sheet.string());
    const bool fine = std::isfinite(losses.back()) && losses.back() < losses.front();
    return fine ? 0 : 1;
}

}  // namespace

int train_classifier(const ProgramOptions& defaults, int count, char** words, const Classifier& classifier) try {
    const std::optional<ProgramOptions> options = parse_options(defaults, count, words);
    if (!options) return 0;
    Run run(*options, classifier);
    std::error_code ignored;
    if (!std::filesystem::exists(support::fashion_mnist_folder(), ignored)) {
        fmt::print("skipped: {} is not there (apt-get install dataset-fashion-mnist)\n",
                   support::fashion_mnist_folder().string());
        return 77;
    }
    fmt::print("{}", run.network.text());
    Training training(run.network, run.loss, Target::parse(options->target), {.weight_decay = options->weight_decay});
    fmt::print("kernels for {} in {:.1f} s\n", training.target().text(), training.compile_seconds());
    std::fflush(stdout);
    run.data.load(training);
    return options->quick ? quick(run, training) : full(run, training);
} catch (const UserError& error) {
    fmt::print(stderr, "{}\n", error.message());
    return 2;
}

}  // namespace heddle::examples
