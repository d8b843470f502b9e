"""The networks of networks.ts in PyTorch, with the weights that networks.ts begins with, in the order of their layers."""

import torch
from torch import nn
from torch.nn import functional as F


class Weights:
    """Hands out layers that hold the next weights of the list (in the layout of TensorFlow.js)."""

    def __init__(self, arrays):
        self.arrays = iter(arrays)

    def next(self):
        return torch.from_numpy(next(self.arrays).copy())

    def dense(self):
        kernel, bias = self.next(), self.next()
        layer = nn.Linear(*kernel.shape)
        layer.weight.data, layer.bias.data = kernel.T.contiguous(), bias
        return layer

    def convolution(self, stride=1, bias=False, padding=None):
        kernel = self.next().permute(3, 2, 0, 1).contiguous()
        outputs, inputs, side, _ = kernel.shape
        layer = nn.Conv2d(inputs, outputs, side, stride, side // 2 if padding is None else padding, bias=bias)
        layer.weight.data = kernel
        if bias:
            layer.bias.data = self.next()
        return layer

    def convolution1d(self):
        kernel, bias = self.next().permute(2, 1, 0).contiguous(), self.next()
        layer = nn.Conv1d(kernel.shape[1], kernel.shape[0], kernel.shape[2], padding=kernel.shape[2] // 2)
        layer.weight.data, layer.bias.data = kernel, bias
        return layer

    def normalization(self):
        gamma, beta, mean, variance = self.next(), self.next(), self.next(), self.next()
        layer = nn.BatchNorm2d(len(gamma), eps=1e-3, momentum=0.01)
        layer.weight.data, layer.bias.data = gamma, beta
        layer.running_mean.data, layer.running_var.data = mean, variance
        return layer

    def layer_normalization(self):
        gamma, beta = self.next(), self.next()
        layer = nn.LayerNorm(len(gamma), eps=1e-5)
        layer.weight.data, layer.bias.data = gamma, beta
        return layer

    def embedding(self):
        return nn.Embedding.from_pretrained(self.next(), freeze=False)


class SameConvolution(nn.Module):
    """A strided 3×3 convolution padded as TensorFlow pads: on the right and below."""

    def __init__(self, weights, stride):
        super().__init__()
        self.layer = weights.convolution(stride, padding=0)

    def forward(self, x):
        return self.layer(F.pad(x, (0, 1, 0, 1)))


class ResNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.stem, self.blocks, channels = nn.Sequential(w.convolution(), w.normalization(), nn.ReLU()), nn.ModuleList(), 32
        for filters in [32, 32, 64, 64, 128, 128, 256, 256]:
            stride = 1 if filters == channels else 2
            first = w.convolution() if stride == 1 else SameConvolution(w, 2)
            branch = nn.Sequential(first, w.normalization(), nn.ReLU(), w.convolution(), w.normalization())
            short = nn.Sequential(w.convolution(2), w.normalization()) if stride == 2 else nn.Identity()
            self.blocks.append(nn.ModuleList([branch, short]))
            channels = filters
        self.output = w.dense()

    def forward(self, x):
        x = self.stem(x)
        for branch, short in self.blocks:
            x = F.relu(short(x) + branch(x))
        return self.output(x.mean((2, 3)))


class UNet(nn.Module):
    def __init__(self, w):
        super().__init__()

        def block():
            return nn.Sequential(
                w.convolution(), w.normalization(), nn.ReLU(), w.convolution(), w.normalization(), nn.ReLU()
            )

        self.down = nn.ModuleList([block() for _ in range(3)])
        self.middle = block()
        self.up = nn.ModuleList([block() for _ in range(3)])
        self.output = w.convolution(bias=True)

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.middle(x)
        for block in self.up:
            x = block(torch.cat([F.interpolate(x, scale_factor=2), skips.pop()], 1))
        return self.output(x)


class Dense(nn.Module):
    """Dense layers; `linear` lists those without ReLU."""

    def __init__(self, w, count, linear):
        super().__init__()
        self.layers, self.linear = nn.ModuleList([w.dense() for _ in range(count)]), linear

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x) if i in self.linear else F.relu(layer(x))
        return x


class Block(nn.Module):
    def __init__(self, w, heads, causal):
        super().__init__()
        self.norm1 = w.layer_normalization()
        projections = [w.dense() for _ in range(4)]
        # One product for queries, keys and values, as one writes it in PyTorch.
        self.qkv = nn.Linear(projections[0].in_features, 3 * projections[0].out_features)
        self.qkv.weight.data = torch.cat([p.weight.data for p in projections[:3]])
        self.qkv.bias.data = torch.cat([p.bias.data for p in projections[:3]])
        self.output, self.norm2, self.hidden, self.change = projections[3], w.layer_normalization(), w.dense(), w.dense()
        self.heads, self.causal = heads, causal

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (
            y.view(batch, length, self.heads, -1).transpose(1, 2) for y in self.qkv(self.norm1(x)).chunk(3, dim=-1)
        )
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.change(F.relu(self.hidden(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, w, blocks, width):
        super().__init__()
        self.tokens, self.positions = w.embedding(), w.embedding()
        self.blocks = nn.Sequential(*[Block(w, width // 32, True) for _ in range(blocks)])
        self.norm, self.output = w.layer_normalization(), w.dense()

    def forward(self, tokens, positions):
        return self.output(self.norm(self.blocks(self.tokens(tokens) + self.positions(positions))))


class ViT(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.patches = w.convolution(8, bias=True, padding=0)
        self.positions = w.embedding()
        self.blocks = nn.Sequential(*[Block(w, 3, False) for _ in range(12)])
        self.norm, self.output = w.layer_normalization(), w.dense()

    def forward(self, x, positions):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions(positions)
        return self.output(self.norm(self.blocks(x)).mean(1))


class LSTM(nn.Module):
    def __init__(self, w):
        super().__init__()
        kernel, recurrent, bias = w.next(), w.next(), w.next()
        self.lstm = nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
        self.lstm.weight_ih_l0.data, self.lstm.weight_hh_l0.data = kernel.T.contiguous(), recurrent.T.contiguous()
        self.lstm.bias_ih_l0.data, self.lstm.bias_hh_l0.data = bias, torch.zeros_like(bias)
        self.lstm.bias_hh_l0.requires_grad_(False)
        self.output = w.dense()

    def forward(self, x):
        return self.output(self.lstm(x)[1][0][0])


class GRU(nn.Module):
    """TensorFlow.js resets before the product, which nn.GRU does not have: written out."""

    def __init__(self, w):
        super().__init__()
        self.kernel, self.recurrent, self.bias = (nn.Parameter(w.next()) for _ in range(3))
        self.output = w.dense()

    def forward(self, x):
        units = self.recurrent.shape[0]
        inputs = (x @ self.kernel + self.bias).unbind(1)
        gates, candidate = self.recurrent.split([2 * units, units], 1)
        h = x.new_zeros(x.shape[0], units)
        for u in inputs:
            z, r = torch.sigmoid(u[:, : 2 * units] + h @ gates).chunk(2, 1)
            h = z * h + (1 - z) * torch.tanh(u[:, 2 * units :] + (r * h) @ candidate)
        return self.output(h)


class FusedGRU(nn.Module):
    """nn.GRU, for its time: its losses are others, as it resets after the product."""

    def __init__(self, w):
        super().__init__()
        kernel, recurrent, bias = w.next(), w.next(), w.next()
        self.gru = nn.GRU(kernel.shape[0], recurrent.shape[0], batch_first=True)
        self.output = w.dense()

    def forward(self, x):
        return self.output(self.gru(x)[1][0])


class Convolution1d(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.layers = nn.ModuleList([w.convolution1d() for _ in range(3)])
        self.output = w.dense()

    def forward(self, x):
        for layer in self.layers:
            x = F.max_pool1d(F.relu(layer(x)), 4)
        return self.output(x.mean(2))


class Factorization(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.user, self.user_bias, self.item, self.item_bias = (w.embedding() for _ in range(4))

    def forward(self, user, item):
        user, item = user[:, 0], item[:, 0]
        product = (self.user(user) * self.item(item)).sum(1, keepdim=True)
        return product + self.user_bias(user) + self.item_bias(item)


def network(name, weights, mode):
    w, kind = Weights(weights), name.split()[0]
    if kind == "gpt":
        blocks, width = map(int, name.split()[1].split("×"))
        return GPT(w, blocks, width)
    if kind == "gru":
        return FusedGRU(w) if mode == "fused" else GRU(w)
    return {
        "resnet": ResNet,
        "unet": UNet,
        "mlp": lambda w: Dense(w, 3, [2]),
        "autoencoder": lambda w: Dense(w, 6, [2, 5]),
        "vit": ViT,
        "lstm": LSTM,
        "conv1d": Convolution1d,
        "factorization": Factorization,
    }[kind](w)
