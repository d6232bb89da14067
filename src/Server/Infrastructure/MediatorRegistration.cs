using System.Reflection;
using MediatR;

namespace CoEdit.Server;

/// <summary>Registers MediatR 5 and every handler of this assembly.</summary>
internal static class MediatorRegistration
{
    public static IServiceCollection AddMediatorHandlers(this IServiceCollection services)
    {
        services.AddScoped<ServiceFactory>(provider => provider.GetService!);
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TracedUseCase<,>));
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes())
        {
            if (type.IsAbstract || type.IsInterface)
                continue;
            foreach (Type contract in type.GetInterfaces())
            {
                if (contract.IsGenericType && (contract.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)
                    || contract.GetGenericTypeDefinition() == typeof(INotificationHandler<>)))
                {
                    services.AddScoped(contract, type);
                }
            }
        }

        return services;
    }
}
