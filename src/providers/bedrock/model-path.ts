// The path of a model's operation at Bedrock: the id is one segment, encoded, whatever stands in it (ARNs have slashes).

/** `operation`: `converse`, `converse-stream` or `invoke`. */
export function modelPath(modelId: string, operation: string): string {
  // As AWS's own clients encode a label: https://smithy.io/2.0/spec/http-bindings.html#httplabel-trait
  const label = encodeURIComponent(modelId).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `/model/${label}/${operation}`
}
