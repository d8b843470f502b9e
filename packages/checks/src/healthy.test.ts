import { expectHealthy } from '../tests/expect-healthy.js'

expectHealthy(['MLP', 'CNN', 'ResNet', 'autoencoder', 'regression'])
