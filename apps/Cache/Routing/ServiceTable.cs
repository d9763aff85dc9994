using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>The services that have proved themselves, each with a place that no other can take. Thread-safe.</summary>
internal sealed class ServiceTable
{
    private readonly List<ServiceLink> _links = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the next change. To be had before looking, so that none is missed.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Those that work.</summary>
    public IReadOnlyList<ServiceLink> Ready()
    {
        lock (_gate)
        {
            return _links.FindAll(link => link.IsReady && !link.IsLost);
        }
    }

    /// <summary>The service of a name, be it that it works, only has its place, or is just being lost.</summary>
    public ServiceLink? Find(string name)
    {
        lock (_gate)
        {
            return _links.Find(link => link.Name == name);
        }
    }

    /// <summary>Gives a service its place before it works, so that two cannot take it at once.</summary>
    /// <returns>Who is in its way; null when it has its place.</returns>
    public ServiceLink? Add(ServiceLink link)
    {
        lock (_gate)
        {
            var rival = _links.Find(other => !other.IsLost && (other.Name == link.Name || (other.Role == Roles.Cache && link.Role == Roles.Cache)));
            if (rival is null)
            {
                _links.Add(link);
            }

            return rival;
        }
    }

    /// <summary>A service works from now on.</summary>
    public void SetReady(ServiceLink link)
    {
        link.IsReady = true;
        Signal();
    }

    /// <returns>Whether it was there.</returns>
    public bool Remove(ServiceLink link)
    {
        bool wasThere;
        lock (_gate)
        {
            wasThere = _links.Remove(link);
        }

        if (wasThere)
        {
            Signal();
        }

        return wasThere;
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
