/** Returns the approximate number of messages in a queue, including the messages that are being processed. */
export async function queueLength(url: string): Promise<number> {
  const [{ GetQueueAttributesCommand }, { sqsClient }] = await Promise.all([
    import('@aws-sdk/client-sqs'),
    import('../../../functions/aws/sqs-queue.ts'),
  ])
  const client = sqsClient({ sockets: 4, patienceMs: 10_000 })
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  try {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
    )
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
  } finally {
    client.destroy()
  }
}
