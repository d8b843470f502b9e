export { type Dashboard, type DashboardArgs, dashboard } from './dashboard.js'
