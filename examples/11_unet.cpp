// examples/11_unet.cpp -- a small U-Net (Ronneberger et al. 2015) learns to take noise out of images
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "examples/networks/layers.h"
#include "examples/networks/options.h"
#include "examples/networks/training.h"
#include "support/contact_sheet.h"
#include "support/progress.h"

using namespace heddle;
using namespace heddle::examples;

constexpr int side = 32;

Value block(Network& network, const std::string& name, Value x, int filters) {
    return relu(network, name + ".relu", conv(network, name, x, filters, 3, {.padding = 1}));
}

/// Down twice by pooling, up twice by transposed convolutions, which see what was there before the pooling, too.
Value unet(Network& network, Value images) {
    const Value fine = block(network, "down1", images, 16);
    const Value middle = block(network, "down2", max_pool(network, "pool1", fine), 32);
    const Value coarse = block(network, "bottom", max_pool(network, "pool2", middle), 64);
    Value x = concatenate(network, "join2", middle, conv_transpose(network, "up2", coarse, 32));
    x = block(network, "across2", x, 32);
    x = concatenate(network, "join1", fine, conv_transpose(network, "up1", x, 16));
    x = block(network, "across1", x, 16);
    return conv(network, "result", x, 1, 1);
}

/// Discs and bars at random places, and the same with noise.
void draw(const Buffer& clean, const Buffer& noisy, std::uint64_t seed) {
    const Buffer places(f32, {clean.shape()[0], 4});
    places.fill_random(seed);
    noisy.fill_random(seed + 1);
    for_each_index({clean.shape()[0], side, side}, [&](const std::vector<std::int64_t>& at) {
        const auto place = [&](std::int64_t i) { return places.get({at[0], i}); };
        const double y = static_cast<double>(at[1]) / side - 0.5, x = static_cast<double>(at[2]) / side - 0.5;
        const bool inside = at[0] % 2 ? std::hypot(y - 0.5 * place(0), x - 0.5 * place(1)) < 0.2 + 0.2 * place(2)
                                      : std::abs(y * std::cos(6 * place(0)) + x * std::sin(6 * place(0))) < 0.1;
        clean.set({at[0], 0, at[1], at[2]}, inside);
        noisy.set({at[0], 0, at[1], at[2]}, inside + 1.5 * noisy.get({at[0], 0, at[1], at[2]}));
    });
}

support::SheetColumn column(const char* title, const Buffer& images) {
    support::SheetColumn column{title, {}};
    for (int n = 0; n < std::min<std::int64_t>(6, images.shape()[0]); ++n)
        column.images.emplace_back(f32, std::vector<std::int64_t>{side, side}, images.as<float>() + n * side * side);
    return column;
}

int main(int count, char** words) try {
    const std::optional<ProgramOptions> options =
        parse_options({.name = "unet", .summary = "a U-Net takes noise out of images", .batch = 16}, count, words);
    if (!options) return 0;
    const int N = options->batch, steps = options->quick ? 30 : 600;
    Network network;
    const Value noisy = network.input("noisy", f32, {N, 1, side, side});
    const Value clean = network.input("clean", f32, {N, 1, side, side});
    const Value result = unet(network, noisy);
    const Value loss = mean_square(network, "loss", result, clean);
    Training training(network, loss, Target::parse(options->target));
    std::printf("%skernels in %.1f s\n", network.text().c_str(), training.compile_seconds());

    const Buffer noisy_images(f32, {N, 1, side, side}), clean_images(f32, {N, 1, side, side});
    double first = 0, last = 0;
    support::Progress progress("u-net");
    for (int step = 0; step < steps; ++step) {
        draw(clean_images, noisy_images, static_cast<std::uint64_t>(step));
        training.place(noisy, noisy_images);
        training.place(clean, clean_images);
        last = training.step(0.002);
        if (step == 0) first = last;
        progress.show((step + 1.0) / steps, "mean square " + std::to_string(last));
    }
    progress.clear();
    std::printf("mean square after %d steps: %.4f, at first %.4f\n", steps, last, first);
    if (!options->quick) {
        const std::filesystem::path picture = options->folder / "unet.png";
        const std::vector<support::SheetColumn> columns{
            column("noisy", noisy_images), column("result", training.value(result)), column("clean", clean_images)};
        support::write_png(picture, support::contact_sheet(columns, std::vector<std::string>(std::min(6, N)), 96));
        std::printf("%s written\n", picture.c_str());
    }
    return std::isfinite(last) && last < 0.5 * first ? 0 : 1;
} catch (const UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
}
