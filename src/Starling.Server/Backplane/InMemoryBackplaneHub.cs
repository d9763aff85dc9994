using System.Threading.Channels;

namespace Starling.Server.Backplane;

/// <summary>Connects the nodes of one process, for tests and for several servers in one program. Thread-safe.</summary>
public sealed class InMemoryBackplaneHub
{
    private readonly Lock _gate = new();
    private readonly HashSet<InMemoryBackplane> _nodes = [];
    private readonly Dictionary<string, List<Subscription>> _topics = new(StringComparer.Ordinal);

    internal int NodeCount
    {
        get
        {
            lock (_gate)
            {
                return _nodes.Count;
            }
        }
    }

    internal void Add(InMemoryBackplane node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    internal void Remove(InMemoryBackplane node)
    {
        lock (_gate)
        {
            _nodes.Remove(node);
            foreach (var subscriptions in _topics.Values)
            {
                subscriptions.RemoveAll(subscription => subscription.Node == node && subscription.Complete());
            }
        }
    }

    internal Subscription Subscribe(InMemoryBackplane node, string topic, Func<BackplaneMessage, ValueTask> handler)
    {
        var subscription = new Subscription(this, node, topic, handler);
        lock (_gate)
        {
            if (!_topics.TryGetValue(topic, out var subscriptions))
            {
                _topics[topic] = subscriptions = [];
            }

            subscriptions.Add(subscription);
        }

        return subscription;
    }

    internal void Publish(InMemoryBackplane sender, BackplaneMessage message)
    {
        // Under the lock, so that all nodes see one order.
        lock (_gate)
        {
            foreach (var subscription in _topics.GetValueOrDefault(message.Topic) ?? [])
            {
                if (subscription.Node != sender && (message.Recipient is null || message.Recipient == subscription.Node.NodeId))
                {
                    subscription.Enqueue(message);
                }
            }
        }
    }

    internal int CountOthers(InMemoryBackplane node, string topic)
    {
        lock (_gate)
        {
            return (_topics.GetValueOrDefault(topic) ?? []).Where(item => item.Node != node).Select(item => item.Node).Distinct().Count();
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(subscription.Topic, out var subscriptions) && subscriptions.Remove(subscription) && subscriptions.Count == 0)
            {
                _topics.Remove(subscription.Topic);
            }
        }
    }

    internal sealed class Subscription : IAsyncDisposable
    {
        private readonly InMemoryBackplaneHub _hub;
        private readonly Func<BackplaneMessage, ValueTask> _handler;
        private readonly Channel<BackplaneMessage> _messages =
            Channel.CreateUnbounded<BackplaneMessage>(new UnboundedChannelOptions { SingleReader = true });

        private readonly Task _reading;

        public Subscription(InMemoryBackplaneHub hub, InMemoryBackplane node, string topic, Func<BackplaneMessage, ValueTask> handler)
        {
            _hub = hub;
            _handler = handler;
            Node = node;
            Topic = topic;
            _reading = Task.Run(ReadAsync);
        }

        public InMemoryBackplane Node { get; }

        public string Topic { get; }

        public void Enqueue(BackplaneMessage message) => _messages.Writer.TryWrite(message);

        public bool Complete() => _messages.Writer.TryComplete();

        public async ValueTask DisposeAsync()
        {
            _hub.Remove(this);
            Complete();
            await _reading;
        }

        private async Task ReadAsync()
        {
            await foreach (var message in _messages.Reader.ReadAllAsync())
            {
                await _handler(message);
            }
        }
    }
}
