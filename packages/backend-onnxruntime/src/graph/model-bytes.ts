import protobuf from 'protobufjs/minimal.js'
import type { NativeData } from '../native/session.js'
import { type Attribute, type Attributes, type ElementType, onnxTypeCode, type Shape } from './types.js'

/** Versions of the operator sets that the graphs are written for. */
const opset = 21
const irVersion = 10

enum AttributeType {
  float = 1,
  int = 2,
  string = 3,
  floats = 6,
  ints = 7,
  strings = 8,
}

export interface NodeProto {
  op: string
  name?: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Attributes | undefined
}

interface ValueProto {
  name: string
  type: ElementType
  /** A string names a dimension that may vary. */
  shape: readonly (number | string)[]
}

export interface TensorProto {
  name: string
  type: ElementType
  shape: Shape
  data: NativeData
}

export interface ModelProto {
  nodes: readonly NodeProto[]
  inputs: readonly ValueProto[]
  outputs: readonly ValueProto[]
  initializers: readonly TensorProto[]
  name?: string
  /** Versions of the standard operators and of the file format. Default: the ones that the backend runs. */
  versions?: { opset: number; ir: number }
  producer?: { name: string; version: string }
  /** Texts by name that travel with the model. */
  metadata?: Readonly<Record<string, string>>
}

type Writer = protobuf.Writer
const lengthDelimited = (field: number) => (field << 3) | 2
const varint = (field: number) => field << 3
const fixed32 = (field: number) => (field << 3) | 5

/** Encodes a model as the bytes of an `onnx.ModelProto`; the field numbers are those of onnx.proto. */
export function modelBytes(model: ModelProto): Uint8Array {
  const writer = protobuf.Writer.create()
  const versions = model.versions ?? { opset, ir: irVersion }
  writer.uint32(varint(1)).int64(versions.ir)
  writer.uint32(lengthDelimited(2)).string(model.producer?.name ?? '@dlkit/backend-onnxruntime')
  if (model.producer) writer.uint32(lengthDelimited(3)).string(model.producer.version)
  writer.uint32(lengthDelimited(7)).fork()
  writeGraph(writer, model)
  writer.ldelim()
  writeOpset(writer, '', versions.opset)
  const vendors = new Set(model.nodes.map(({ op }) => vendorOf(op)).filter((vendor) => vendor !== ''))
  for (const vendor of vendors) writeOpset(writer, vendor, 1)
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    writer.uint32(lengthDelimited(14)).fork()
    writer.uint32(lengthDelimited(1)).string(key)
    writer.uint32(lengthDelimited(2)).string(value)
    writer.ldelim()
  }
  return writer.finish()
}

/** `com.microsoft` of `com.microsoft.Gelu`; ONNX's own operators have none. */
const vendorOf = (op: string): string => op.slice(0, Math.max(0, op.lastIndexOf('.')))

function writeOpset(writer: Writer, domain: string, version: number): void {
  writer.uint32(lengthDelimited(8)).fork()
  writer.uint32(lengthDelimited(1)).string(domain)
  writer.uint32(varint(2)).int64(version)
  writer.ldelim()
}

function writeGraph(writer: Writer, { name, nodes, inputs, outputs, initializers }: ModelProto): void {
  for (const node of nodes) writeNode(writer.uint32(lengthDelimited(1)).fork(), node).ldelim()
  writer.uint32(lengthDelimited(2)).string(name ?? 'graph')
  for (const tensor of initializers) writeTensor(writer.uint32(lengthDelimited(5)).fork(), tensor).ldelim()
  for (const value of inputs) writeValue(writer.uint32(lengthDelimited(11)).fork(), value).ldelim()
  for (const value of outputs) writeValue(writer.uint32(lengthDelimited(12)).fork(), value).ldelim()
}

function writeNode(writer: Writer, { op, name, inputs, outputs, attributes }: NodeProto): Writer {
  for (const input of inputs) writer.uint32(lengthDelimited(1)).string(input)
  for (const output of outputs) writer.uint32(lengthDelimited(2)).string(output)
  if (name !== undefined) writer.uint32(lengthDelimited(3)).string(name)
  writer.uint32(lengthDelimited(4)).string(op.slice(op.lastIndexOf('.') + 1))
  for (const [key, attribute] of Object.entries(attributes ?? {})) {
    writer.uint32(lengthDelimited(5)).fork()
    writer.uint32(lengthDelimited(1)).string(key)
    writeAttribute(writer, attribute)
    writer.ldelim()
  }
  const vendor = vendorOf(op)
  if (vendor !== '') writer.uint32(lengthDelimited(7)).string(vendor)
  return writer
}

function writeAttribute(writer: Writer, attribute: Attribute): void {
  const type = (code: AttributeType) => writer.uint32(varint(20)).int32(code)
  if (typeof attribute === 'number') {
    writer.uint32(varint(3)).int64(attribute)
    type(AttributeType.int)
  } else if (typeof attribute === 'string') {
    writer.uint32(lengthDelimited(4)).string(attribute)
    type(AttributeType.string)
  } else if ('float' in attribute) {
    writer.uint32(fixed32(2)).float(attribute.float)
    type(AttributeType.float)
  } else if ('floats' in attribute) {
    for (const value of attribute.floats) writer.uint32(fixed32(7)).float(value)
    type(AttributeType.floats)
  } else if ('strings' in attribute) {
    for (const value of attribute.strings) writer.uint32(lengthDelimited(9)).string(value)
    type(AttributeType.strings)
  } else {
    for (const value of attribute) writer.uint32(varint(8)).int64(value)
    type(AttributeType.ints)
  }
}

function writeTensor(writer: Writer, { name, type, shape, data }: TensorProto): Writer {
  for (const extent of shape) writer.uint32(varint(1)).int64(extent)
  writer.uint32(varint(2)).int32(onnxTypeCode[type])
  writer.uint32(lengthDelimited(8)).string(name)
  return writer
    .uint32(lengthDelimited(9))
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function writeValue(writer: Writer, { name, type, shape }: ValueProto): Writer {
  writer.uint32(lengthDelimited(1)).string(name)
  writer.uint32(lengthDelimited(2)).fork()
  writer.uint32(lengthDelimited(1)).fork()
  writer.uint32(varint(1)).int32(onnxTypeCode[type])
  writer.uint32(lengthDelimited(2)).fork()
  for (const extent of shape) {
    writer.uint32(lengthDelimited(1)).fork()
    if (typeof extent === 'string') writer.uint32(lengthDelimited(2)).string(extent)
    else writer.uint32(varint(1)).int64(extent)
    writer.ldelim()
  }
  return writer.ldelim().ldelim().ldelim()
}
