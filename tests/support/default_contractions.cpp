// tests/support/default_contractions.cpp -- convolutions, their gradients and products of matrices of many sizes.
#include "tests/support/default_contractions.h"

namespace heddle::test {
namespace {

const std::vector<std::string> boxes = {"wgmma", "tma_tile", "specialize_warps"};
const std::vector<std::string> images = {"wgmma", "tma_im2col", "specialize_warps"};
const std::vector<std::string> warps = {"mma_sync", "cp_async"};

const std::string forward = "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]";

const std::vector<Contraction> contractions = {
    {"forward", "x: bf16[3,9,10,64]\nw: bf16[72,3,3,64]\ny: bf16[3,9,10,72]\n" + forward, images},
    {"forward_of_one_image", "x: bf16[1,16,16,64]\nw: bf16[40,3,3,64]\ny: bf16[1,16,16,40]\n" + forward, images},
    {"forward_f16_to_f32", "x: f16[2,9,10,72]\nw: f16[64,3,3,72]\ny: f32[2,9,10,64]\n" + forward, images},
    {"forward_of_stride_2",
     "x: bf16[2,21,23,64]\nw: bf16[64,3,3,64]\ny: bf16[2,11,12,64]\n"
     "y[n,p,q,k] += zero(x)[n,2*p+r-1,2*q+s-1,c] * w[k,r,s,c]",
     images},
    {"forward_dilated",
     "x: bf16[2,12,13,32]\nw: bf16[64,3,5,32]\ny: bf16[2,12,13,64]\n"
     "y[n,p,q,k] += zero(x)[n,p+2*r-2,q+2*s-4,c] * w[k,r,s,c]",
     images},
    {"forward_of_points",
     "x: bf16[2,13,11,96]\nw: bf16[160,1,1,96]\ny: bf16[2,13,11,160]\n"
     "y[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]",
     boxes},
    {"forward_with_bias_and_activation",
     "x: bf16[2,9,10,64]\nw: bf16[64,3,3,64]\nb: bf16[64]\nt: bf16[2,9,10,64]\ny: bf16[2,9,10,64]\n"
     "t[n,p,q,k] = b[k]\nt[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\n"
     "y[n,p,q,k] = max(t[n,p,q,k], 0.0)",
     images},
    {"forward_odd_channels", "x: bf16[2,16,16,37]\nw: bf16[40,3,3,37]\ny: bf16[2,16,16,40]\n" + forward, warps},
    {"forward_before_wgmma", "x: f16[1,16,16,64]\nw: f16[40,3,3,64]\ny: f16[1,16,16,40]\n" + forward, warps, 80},
    {"channels_first",
     "x: bf16[1,40,16,16]\nw: bf16[48,40,3,3]\ny: f32[1,48,16,16]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * "
     "w[k,c,r,s]",
     warps},
    {"bytes", "x: i8[1,16,16,64]\nw: i8[40,3,3,64]\ny: i32[1,16,16,40]\n" + forward, warps},
    {"bytes_channels_first",
     "x: u8[1,40,16,16]\nw: u8[48,40,3,3]\ny: i32[1,48,16,16]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * "
     "w[k,c,r,s]",
     warps},
    {"few_channels",
     "x: f32[1,20,24,3]\nw: f32[64,7,7,3]\ny: f32[1,20,24,64]\ny[n,p,q,k] += zero(x)[n,p+r-3,q+s-3,c] * w[k,r,s,c]",
     warps},
    // Images of a few channels: lines that are multiples of 16 bytes, and not; windows of the sum, of the result.
    {"few_channels_of_16_bits",
     "x: bf16[2,32,48,3]\nw: bf16[64,7,7,3]\ny: bf16[2,16,24,64]\n"
     "y[n,p,q,k] += zero(x)[n,2*p+r-3,2*q+s-3,c] * w[k,r,s,c]",
     {"mma_sync", "extend", "cache_in(x, shared, n_p.o_q.o.i, footprint"}},
    {"few_channels_of_odd_lines",
     "x: f16[1,35,47,3]\nw: f16[40,5,5,3]\ny: f32[1,35,47,40]\n"
     "y[n,p,q,k] += zero(x)[n,p+r-2,q+s-2,c] * w[k,r,s,c]",
     {"mma_sync", "extend"},
     80},
    {"weight_gradient_of_few_channels",
     "dy: bf16[2,16,24,64]\nx: bf16[2,32,48,3]\nr < 7\ns < 7\ndw: bf16[64,7,7,3]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,2*p+r-3,2*q+s-3,c]",
     {"mma_sync", "extend", "stream_k", "footprint"}},
    {"input_gradient_of_few_channels",
     "dy: bf16[2,16,24,64]\nw: bf16[64,7,7,3]\na < 4\nb < 4\ndx: bf16[2,32,48,3]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a+1,(j+1)/2-b+1,k] * zero(w)[k,2*a+(i+1)%2,2*b+(j+1)%2,c]",
     {"mma_sync", "extend(i, 1, 1)", "footprint"}},
    {"input_gradient",
     "dy: bf16[2,9,10,64]\nw: bf16[64,3,3,64]\ndx: bf16[2,9,10,64]\n"
     "dx[n,i,j,c] += zero(dy)[n,i-r+1,j-s+1,k] * w[k,r,s,c]",
     images},
    {"input_gradient_of_stride_2",
     "dy: bf16[4,6,7,64]\nw: bf16[64,3,3,64]\na < 2\nb < 2\ndx: bf16[4,12,14,64]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
     images},
    {"input_gradient_of_stride_2_wide",
     "dy: bf16[3,12,14,64]\nw: bf16[64,3,3,128]\na < 2\nb < 2\ndx: bf16[3,24,28,128]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
     images},
    {"input_gradient_of_stride_2_of_lines",  // the tiles are whole lines, of every second column
     "dy: bf16[3,8,16,64]\nw: bf16[64,3,3,64]\na < 2\nb < 2\ndx: bf16[3,16,32,64]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
     images},
    {"transposed_of_images",
     "dy: bf16[5,4,8,64]\nw: bf16[64,2,2,128]\ndx: bf16[5,8,16,128]\n"
     "dx[n,i,j,c] += dy[n,i/2,j/2,k] * w[k,i%2,j%2,c]",
     images},
    {"input_gradient_of_points_of_stride_2",
     "dy: bf16[4,6,7,64]\nw: bf16[64,1,1,128]\na < 1\nb < 1\ndx: bf16[4,11,13,128]\n"
     "dx[n,i,j,c] += zero(dy)[n,i/2-a,j/2-b,k] * zero(w)[k,i%2+2*a,j%2+2*b,c]",
     {"wgmma"}},
    {"input_gradient_of_stride_2_odd",
     "dy: f16[3,6,7,32]\nw: f16[32,3,3,72]\na < 2\nb < 2\ndx: f16[3,11,13,72]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
     images},
    {"input_gradient_of_stride_2_before_wgmma",
     "dy: bf16[4,6,7,64]\nw: bf16[64,3,3,64]\na < 2\nb < 2\ndx: bf16[4,12,14,64]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
     warps, 80},
    {"weight_gradient",
     "dy: bf16[3,9,10,64]\nx: bf16[3,9,10,40]\nr < 3\ns < 3\ndw: bf16[64,3,3,40]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     images},
    {"weight_gradient_before_wgmma",
     "dy: f16[2,10,10,64]\nx: f16[2,10,10,40]\nr < 3\ns < 3\ndw: f16[64,3,3,40]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     warps, 80},
    {"weight_gradient_of_f32",
     "dy: f32[2,10,10,64]\nx: f32[2,10,10,40]\nr < 3\ns < 3\ndw: f32[64,3,3,40]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     warps},
    // Tiles that are parts of lines, whole lines, whole images, pieces of one image.
    {"forward_of_parts_of_lines", "x: bf16[2,3,256,64]\nw: bf16[64,3,3,64]\ny: bf16[2,3,256,64]\n" + forward, boxes},
    {"forward_of_lines", "x: bf16[3,16,16,64]\nw: bf16[64,3,3,64]\ny: bf16[3,16,16,64]\n" + forward, boxes},
    {"forward_of_images", "x: bf16[20,4,4,64]\nw: bf16[64,3,3,64]\ny: bf16[20,4,4,64]\n" + forward, boxes},
    {"forward_of_stride_2_of_lines",
     "x: bf16[3,16,32,64]\nw: bf16[64,3,3,64]\ny: bf16[3,8,16,64]\n"
     "y[n,p,q,k] += zero(x)[n,2*p+r-1,2*q+s-1,c] * w[k,r,s,c]",
     images},
    {"forward_of_stride_2_of_images",  // tiles of whole images, that begin at a multiple of their number
     "x: bf16[20,8,8,64]\nw: bf16[64,4,4,64]\ny: bf16[20,4,4,64]\n"
     "y[n,p,q,k] += zero(x)[n,2*p+r-1,2*q+s-1,c] * w[k,r,s,c]",
     images},
    {"weight_gradient_of_stride_2_of_images",
     "dy: bf16[20,4,4,64]\nx: bf16[20,8,8,64]\nr < 4\ns < 4\ndw: bf16[64,4,4,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,2*p+r-1,2*q+s-1,c]",
     images},
    {"weight_gradient_of_parts_of_lines",
     "dy: bf16[2,3,128,64]\nx: bf16[2,3,128,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     boxes},
    {"weight_gradient_of_lines",
     "dy: bf16[3,8,16,64]\nx: bf16[3,8,16,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     boxes},
    {"weight_gradient_of_images",
     "dy: bf16[9,4,8,64]\nx: bf16[9,4,8,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     boxes},
    {"weight_gradient_of_pieces",
     "dy: bf16[3,12,24,64]\nx: bf16[3,24,48,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,2*p+r-1,2*q+s-1,c]",
     images},
    {"weight_gradient_of_points",
     "dy: bf16[4,8,24,64]\nx: bf16[4,8,24,128]\ndw: bf16[64,128]\ndw[k,c] += dy[n,p,q,k] * x[n,p,q,c]", boxes},
    {"shared_steps_of_boxes",
     "x: bf16[64,67704]\nw: bf16[8,67704]\nb: f32[8]\ny: bf16[64,8]\ny[m,n] = b[n]\ny[m,n] += x[m,k] * w[n,k]",
     {"stream_k", "wgmma"}},
    {"shared_steps_of_warps",
     "dy: f16[4,40,45,16]\nx: f16[4,40,45,24]\nr < 3\ns < 3\ndw: f16[16,3,3,24]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     {"stream_k", "mma_sync"},
     80},
    {"shared_steps_of_f32",
     "dy: f32[3,40,45,16]\nx: f32[3,40,45,24]\nr < 3\ns < 3\ndw: f32[16,3,3,24]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     {"stream_k", "pieces=2"}},
    {"forward_of_f32",
     "x: f32[2,9,10,40]\nw: f32[72,3,3,40]\ny: f32[2,9,10,72]\n" + forward,
     {"wgmma_m64", "tma_im2col", "pieces=2"}},
    {"f32_product",
     "x: f32[200,150]\nw: f32[150,170]\nb: f32[170]\ny: f32[200,170]\ny[m,n] = b[n]\ny[m,n] += x[m,k] * w[k,n]", warps},
    {"f64_product",
     "x: f64[200,150]\nw: f64[150,170]\ny: f64[200,170]\ny[m,n] += x[m,k] * w[k,n]",
     {"mma_sync_m8n8k4"},
     80},
    {"few_rows", "x: bf16[24,520]\nw: bf16[400,520]\ny: bf16[24,400]\ny[m,n] += x[m,k] * w[n,k]", boxes},
    {"batched", "x: f16[3,130,120]\nw: f16[3,120,120]\ny: f16[3,130,120]\ny[b,m,n] += x[b,m,k] * w[b,n,k]", boxes},
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Contraction& one) { return out << one.name; }

const std::vector<Contraction>& default_contractions() { return contractions; }

}  // namespace heddle::test
